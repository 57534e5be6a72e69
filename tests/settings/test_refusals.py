"""Settings that can't be used are refused before anything is sent, each with its exact text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.errors import WrongInput
from runner.settings import ConfigFile, Options, Setting, resolve
from runner.source import Source, Span

COMPLETE = {
    "PMX_BASE_URL": "https://api.example.com",
    "PMX_AUTH_URL": "https://auth.example.com/oauth/token",
    "PMX_CLIENT_ID": "c",
    "PMX_PRIVATE_KEY_PATH": "key.pem",
    "PMX_PARTICIPANT_ID": "firms/F/users/U",
}
VENUE = {name: text for name, text in COMPLETE.items() if not name.endswith("_URL")}


def refusal(environ: Mapping[str, str], environment: str | None = None, file: ConfigFile | None = None) -> str:
    with pytest.raises(WrongInput) as caught:
        resolve(file, environ, Options(environment=environment))
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_all_that_is_missing_is_listed_with_every_way_to_give_it() -> None:
    """One message, not one per attempt."""
    assert refusal({}, "preprod") == (
        "error: environment `preprod` has no client_id, private_key_path and participant_id\n"
        "  = help: client_id: set PMX_CLIENT_ID or `client_id` under `environments: preprod:` in pmx.yaml\n"
        "  = help: private_key_path: set PMX_PRIVATE_KEY_PATH"
        " or `private_key_path` under `environments: preprod:` in pmx.yaml\n"
        "  = help: participant_id: set PMX_PARTICIPANT_ID, --participant"
        " or `participant_id` under `environments: preprod:` in pmx.yaml"
    )


def test_a_slip_in_the_name_of_an_environment_is_recognised() -> None:
    """An unknown name is an environment of one's own, which lacks everything: the likelier reason comes first."""
    lines = refusal({}, "prepord").splitlines()
    assert lines[0] == (
        "error: environment `prepord` has no base_url, auth_url, client_id, private_key_path and participant_id"
    )
    assert lines[1] == "  = help: did you mean `preprod`?"


CASES = [
    pytest.param(
        {**VENUE, "PMX_PRIVATE_KEY": "-----BEGIN"},
        "preprod",
        "error: PMX_PRIVATE_KEY and PMX_PRIVATE_KEY_PATH are both set\n  = help: unset one of them",
        id="two keys",
    ),
    pytest.param(
        {**COMPLETE, "PMX_BASE_URL": "http://127.0.0.1:8080"},
        "prod",
        "error: base_url is on this machine, and environment `prod` never is: http://127.0.0.1:8080"
        " (environment variable PMX_BASE_URL)\n"
        "  = help: for a local exchange: --env sandbox, or an environment of your own",
        id="prod on loopback",
    ),
    pytest.param(
        COMPLETE,
        None,
        "error: base_url is not on this machine, and environment `sandbox` is: https://api.example.com"
        " (environment variable PMX_BASE_URL)\n"
        "  = help: name the environment that it belongs to: --env preprod",
        id="sandbox elsewhere",
    ),
    pytest.param(
        {**COMPLETE, "PMX_BASE_URL": "http://api.example.com"},
        "uat",
        "error: base_url must begin with https:// (plain http is accepted for loopback only): http://api.example.com"
        " (environment variable PMX_BASE_URL)",
        id="plain http",
    ),
    pytest.param(
        {**COMPLETE, "PMX_AUTH_URL": "http://auth.example.com/oauth/token"},
        "uat",
        "error: auth_url must begin with https:// (plain http is accepted for loopback only):"
        " http://auth.example.com/oauth/token (environment variable PMX_AUTH_URL)",
        id="plain http for tokens",
    ),
    pytest.param(
        {**COMPLETE, "PMX_BASE_URL": "https://me:pass@api.example.com"},
        "uat",
        "error: base_url must not contain a user name or a password: https://****@api.example.com"
        " (environment variable PMX_BASE_URL)",
        id="password in the address",
    ),
    pytest.param(
        {**COMPLETE, "PMX_CLIENT_ID": "c\r\nx: y"},
        "uat",
        "error: client_id must be printable ASCII without spaces at its ends: 'c\\r\\nx: y'"
        " (environment variable PMX_CLIENT_ID)",
        id="line break in a claim",
    ),
    pytest.param(
        {**COMPLETE, "PMX_ENV": "uat\n::error::"},
        None,
        "error: environment must be printable ASCII without spaces at its ends: 'uat\\n::error::'"
        " (environment variable PMX_ENV)",
        id="line break in a name",
    ),
    pytest.param(
        {**COMPLETE, "PMX_PARTICIPANT_ID": "firms/F/users/U "},
        "uat",
        "error: participant_id must be printable ASCII without spaces at its ends: firms/F/users/U "
        " (environment variable PMX_PARTICIPANT_ID)",
        id="space in a header",
    ),
]


@pytest.mark.parametrize(("environ", "environment", "expected"), CASES)
def test_refused(environ: Mapping[str, str], environment: str | None, expected: str) -> None:
    """Exit 2, what is wrong, where it came from, and what to do."""
    assert refusal(environ, environment) == expected


def test_a_wrong_value_of_the_file_is_shown_in_it() -> None:
    """With a caret, since it has a place."""
    source = Source("pmx.yaml", "environments:\n  uat:\n    base_url: ftp://api.example.com\n")
    span = source.span(3, 15, 21)
    file = ConfigFile(source, Path(), {}, {"uat": {"base_url": Setting("ftp://api.example.com", str(span), span)}})
    environ = {name: text for name, text in COMPLETE.items() if name != "PMX_BASE_URL"}
    assert refusal(environ, "uat", file) == (
        "error: base_url must begin with https://: ftp://api.example.com\n"
        " --> pmx.yaml:3:15\n"
        "  |\n"
        "3 |     base_url: ftp://api.example.com\n"
        "  |               ^^^^^^^^^^^^^^^^^^^^^"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PMX_BASEURL", "did you mean `PMX_BASE_URL`?"),
        ("PMX_PRIVATE_KEYPATH", "did you mean `PMX_PRIVATE_KEY_PATH`?"),
        ("PMX_CLIENTID", "did you mean `PMX_CLIENT_ID`?"),
        ("PMX_INPUT_CLIENT_ID", None),
        ("PMX_SOMEBODY_ELSES", None),
        ("PMX_BASE_URL", None),
    ],
)
def test_a_slip_in_a_variable_s_name_is_warned_of(name: str, expected: str | None) -> None:
    """Only a near miss: other variables may be anybody's."""
    settings = resolve(None, {**COMPLETE, name: "https://x"}, Options(environment="uat"))
    assert [each.help for each in settings.warnings] == ([] if expected is None else [expected])


def test_spans_are_not_invented() -> None:
    """A value of the file keeps its place in the origin."""
    span = Span("pmx.yaml", 7, 13)
    file = ConfigFile(Source("pmx.yaml", ""), Path(), {"environment": Setting("uat", str(span), span)}, {})
    assert resolve(file, COMPLETE, Options()).environment.origin == "pmx.yaml:7:13"
