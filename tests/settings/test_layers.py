"""Every setting comes from the highest layer that has one, and says which that was."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from runner.redact import Secret
from runner.settings import ConfigFile, Options, Setting, Settings, gather, resolve, with_embedded
from runner.source import Source, Span

TEXT = "environment: uat\nenvironments:\n  uat:\n    client_id: from-file\n"
COMPLETE = {
    "PMX_BASE_URL": "https://api.example.com/",
    "PMX_AUTH_URL": "https://auth.example.com/oauth/token",
    "PMX_CLIENT_ID": "from-variable",
    "PMX_PRIVATE_KEY_PATH": "key.pem",
    "PMX_PARTICIPANT_ID": "firms/F/users/U",
}


def written(value: object, line: int = 1, column: int = 1) -> Setting[object]:
    span = Span("pmx.yaml", line, column)
    return Setting(value, str(span), span)


def config(top: Mapping[str, object], **environments: Mapping[str, object]) -> ConfigFile:
    """A file whose every value stands at 4:16."""

    def settings(values: Mapping[str, object]) -> dict[str, Setting[object]]:
        return {key: written(value, 4, 16) for key, value in values.items()}

    here = {name: settings(values) for name, values in environments.items()}
    return ConfigFile(Source("pmx.yaml", TEXT), Path("/project"), settings(top), here)  # type: ignore[arg-type]


def merged(
    file: ConfigFile | None = None, environ: Mapping[str, str] | None = None, options: Options | None = None
) -> Settings:
    return gather(file, environ or {}, options or Options())[0]


FILE = config({"environment": "uat"}, uat={"participant_id": "in file"})
VARIABLE = {"PMX_ENV": "preprod", "PMX_PARTICIPANT_ID": "in variable"}
OPTION = Options(environment="uat", participant="in option")


@pytest.mark.parametrize(
    ("file", "environ", "options", "environment", "participant"),
    [
        pytest.param(None, {}, Options(), Setting("sandbox", "built in"), None, id="nothing"),
        pytest.param(FILE, {}, Options(), written("uat", 4, 16), written("in file", 4, 16), id="file"),
        pytest.param(
            FILE,
            VARIABLE,
            Options(),
            Setting("preprod", "environment variable PMX_ENV"),
            Setting("in variable", "environment variable PMX_PARTICIPANT_ID"),
            id="variable over file",
        ),
        pytest.param(
            FILE,
            VARIABLE,
            OPTION,
            Setting("uat", "--env"),
            Setting("in option", "--participant"),
            id="option over variable",
        ),
        pytest.param(
            FILE, {"PMX_ENV": "", "PMX_PARTICIPANT_ID": ""}, Options(), written("uat", 4, 16),
            written("in file", 4, 16), id="an empty variable is none",
        ),
    ],
)  # fmt: skip
def test_the_highest_layer_wins_and_is_named(
    file: ConfigFile | None,
    environ: Mapping[str, str],
    options: Options,
    environment: Setting[str],
    participant: Setting[str] | None,
) -> None:
    """Built-in < pmx.yaml < environment variables < options."""
    settings = merged(file, environ, options)
    assert settings.environment == environment
    assert settings.participant == participant


@pytest.mark.parametrize("name", ["preprod", "prod"])
def test_the_venue_s_environments_are_built_in(name: str) -> None:
    """Base URL, token URL and audience need no setting where the venue documents them."""
    settings = merged(options=Options(environment=name))
    host = f"https://api.{name}.polymarketexchange.com"
    assert settings.base_url == settings.audience == Setting(host, "built in")
    assert settings.auth_url == Setting(f"https://pmx-{name}.us.auth0.com/oauth/token", "built in")


def test_the_audience_is_the_base_url_unless_said_otherwise() -> None:
    """... with the base URL's origin, and without the slash that it may end with."""
    settings = merged(environ={"PMX_ENV": "uat", **COMPLETE})
    expected = Setting("https://api.example.com", "environment variable PMX_BASE_URL")
    assert settings.base_url == settings.audience == expected
    said = merged(environ={"PMX_ENV": "uat", **COMPLETE, "PMX_AUDIENCE": "https://other/"})
    assert said.audience == Setting("https://other/", "environment variable PMX_AUDIENCE")


def test_an_environment_of_ones_own_name_is_as_good_as_a_built_in_one() -> None:
    """Once its settings are there, nothing is missing."""
    settings = resolve(None, COMPLETE, Options(environment="uat"))
    assert settings.environment.value == "uat"
    assert not settings.embedded


@pytest.mark.parametrize(
    ("environ", "options", "named"),
    [
        pytest.param({}, Options(environment="prod"), True, id="option"),
        pytest.param({"PMX_ENV": "prod"}, Options(), True, id="variable"),
        pytest.param({}, Options(), False, id="file"),
    ],
)
def test_only_option_and_variable_name_an_environment(
    environ: Mapping[str, str], options: Options, named: bool
) -> None:
    """A file can choose production, but not name it for the gate."""
    assert merged(config({"environment": "prod"}), environ, options).named is named


def test_paths_of_the_file_start_at_its_folder_and_others_where_one_stands() -> None:
    """``~`` is the home folder in both."""
    file = config({"ca_bundle": "ca.pem", "state_dir": "~/state"}, uat={"private_key_path": "keys/uat.pem"})
    options = Options(environment="uat")
    settings = merged(file, {}, options)
    assert settings.private_key is not None
    assert settings.ca_bundle is not None
    assert settings.state_dir is not None
    assert settings.private_key.value == Path("/project/keys/uat.pem")
    assert settings.ca_bundle.value == Path("/project/ca.pem")
    assert settings.state_dir.value == Path.home() / "state"
    given = merged(file, {"PMX_PRIVATE_KEY_PATH": "mine.pem"}, options)
    assert given.private_key == Setting(Path("mine.pem"), "environment variable PMX_PRIVATE_KEY_PATH")


def test_a_key_in_a_variable_is_a_secret() -> None:
    """... and wins over a path in the file."""
    file = config({}, uat={"private_key_path": "keys/uat.pem"})
    settings = merged(file, {"PMX_PRIVATE_KEY": "-----BEGIN"}, Options(environment="uat"))
    assert settings.private_key == Setting(Secret("-----BEGIN"), "environment variable PMX_PRIVATE_KEY")
    assert settings.secrets == (Secret("-----BEGIN"),)
    assert "BEGIN" not in repr(settings)


def test_an_environment_s_own_value_wins_over_the_top_of_the_file() -> None:
    """``state_dir``, ``ca_bundle`` and ``reconcile_window`` may stand in both places."""
    file = config({"reconcile_window": Decimal(5), "state_dir": "/top"}, uat={"state_dir": "/uat"})
    settings = merged(file, {}, Options(environment="uat"))
    assert settings.reconcile_window == written(Decimal(5), 4, 16)
    assert settings.state_dir is not None
    assert settings.state_dir.value == Path("/uat")
    assert merged().reconcile_window == Setting(Decimal(20), "built in")


def test_limits_are_kept_by_place() -> None:
    """The strictest wins later; here each keeps its origin, and other environments' limits don't count."""
    file = config(
        {"limits.orders": 5}, uat={"limits.orders": 7, "limits.symbols": ("tec-*",)}, prod={"limits.orders": 1}
    )
    top, here = merged(file, {}, Options(environment="uat")).limits
    assert top.orders == written(5, 4, 16)
    assert (here.orders, here.symbols) == (written(7, 4, 16), written(("tec-*",), 4, 16))
    assert merged().limits == ()


def test_limits_of_a_day_have_their_own_keys() -> None:
    """They are told apart from those of a run, also where they are shown."""
    stated = config({"limits.per_day.orders": 20, "limits.orders": 5})
    settings = gather(stated, {}, Options())[0]
    assert settings.limits[0].per_day_orders == written(20, 4, 16)
    assert dict(settings.shown())["limits.per_day.orders"] == written(20, 4, 16)


EMBEDDED = {
    "PMX_ENV": "preprod",
    "PMX_BASE_URL": "http://127.0.0.1:4",
    "PMX_AUTH_URL": "http://127.0.0.1:4/oauth/token",
    "PMX_AUDIENCE": "http://127.0.0.1:4",
    "PMX_CLIENT_ID": "c",
    "PMX_PRIVATE_KEY_PATH": "/tmp/k.pem",
    "PMX_PARTICIPANT_ID": "firms/E/users/U",
    "PMX_ACCOUNT": "firms/E/accounts/A",
}


def test_the_sandbox_needs_nothing() -> None:
    """Without a base URL the exchange is the embedded one, whose own values are filled in by and by."""
    settings = resolve(None, {}, Options())
    assert settings.embedded
    filled = with_embedded(settings, EMBEDDED)
    assert not filled.embedded
    assert filled.environment == Setting("sandbox", "built in")
    assert filled.base_url == Setting("http://127.0.0.1:4", "embedded exchange")
    assert filled.participant == Setting("firms/E/users/U", "embedded exchange")
    assert filled.private_key == Setting(Path("/tmp/k.pem"), "embedded exchange")


def test_credentials_of_another_environment_never_reach_the_embedded_exchange() -> None:
    """They may be there for another run; who acts can be chosen by option or in the sandbox's own settings."""
    environ = {name: text for name, text in COMPLETE.items() if name != "PMX_BASE_URL"}
    settings = resolve(None, environ, Options())
    assert settings.embedded
    assert (settings.client_id, settings.participant, settings.private_key) == (None, None, None)
    (warning,) = settings.warnings
    assert warning.picture() == (
        "warning: not used by the embedded exchange, which has its own: "
        "PMX_AUTH_URL, PMX_CLIENT_ID, PMX_PRIVATE_KEY_PATH, PMX_PARTICIPANT_ID\n"
        "  = help: for another environment say so: --env preprod"
    )
    (warning,) = resolve(None, environ, Options(signing=True)).warnings
    assert warning.title.endswith("which has its own: PMX_AUTH_URL, PMX_CLIENT_ID, PMX_PARTICIPANT_ID")
    chosen = resolve(config({}, sandbox={"account": "A"}), {}, Options(participant="P"))
    filled = with_embedded(chosen, EMBEDDED)
    assert filled.participant == Setting("P", "--participant")
    assert filled.account == written("A", 4, 16)
    assert filled.warnings == ()


def test_shown_lists_every_value_with_its_origin_and_no_secret() -> None:
    """What ``doctor`` prints."""
    environ = {**COMPLETE, "PMX_ENV": "uat", "PMX_PRIVATE_KEY": "-----BEGIN"}
    shown = dict(gather(config({"limits.orders": 5}), environ, Options())[0].shown())
    assert shown["environment"] == Setting("uat", "environment variable PMX_ENV")
    assert shown["limits.orders"] == written(5, 4, 16)
    assert str(shown["private_key"].value) == "****"
    assert "ca_bundle" not in shown
