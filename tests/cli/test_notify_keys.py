"""``notify`` in ``pmx.yaml``: the list of channels, and what is said of a wrong one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.cli.config import read_config
from runner.cli.notify_keys import CHANNELS
from runner.errors import WrongInput
from runner.playbook.reader import decode, read
from runner.settings import Channel, Options, Settings, gather
from runner.value import Kind

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "schemas" / "pmx.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
RIGHT = """\
notify:
  - {channel: webhook, url: "https://example.com/in?x=1", secret_env: KEY, on: [success]}
  - {channel: webhook, url_file: keys/url, secret_file: keys/secret}
  - {channel: slack, url_env: HOOK}
  - {channel: email, host: smtp.example.com, from: a@example.com, to: [b@example.com], user: u, password_env: PASS}
  - {channel: email, host: localhost, port: 25, tls: none, from: a@example.com, to: [b@example.com]}
  - {channel: command, argv: [./tell, --now], on: [failure, interrupted]}
  - {channel: heartbeat, url_env: BEAT}
"""
WRONG = [
    ("notify: slack", "`notify` must be a list of channels"),
    ("notify: [slack]", "an entry of `notify` names its `channel`"),
    ("notify: [{url_env: X}]", "an entry of `notify` names its `channel`"),
    ("notify: [{channel: slak, url_env: X}]", 'unknown channel "slak"'),
    ("notify: [{channel: slack}]", "channel slack has no `url_env` or `url_file`"),
    ("notify: [{channel: slack, url: 'https://example.com'}]", "unknown key `url`"),
    ("notify: [{channel: slack, url_env: X, url_file: y}]", "channel slack has both `url_env` and `url_file`"),
    ("notify: [{channel: slack, url_env: 'https://example.com'}]", "wrong value of `url_env`"),
    ("notify: [{channel: slack, url_env: X, on: [failed]}]", "wrong value of `on`"),
    ("notify: [{channel: slack, url_env: X, on: []}]", "wrong value of `on`"),
    ("notify: [{channel: heartbeat, url_env: X, on: [failure]}]", "unknown key `on`"),
    ("notify: [{channel: email, host: h, from: a@b}]", "channel email has no `to`"),
    ('notify: [{channel: email, host: h, from: "a@b\\nBcc: c@d", to: [e@f]}]', "wrong value of `from`"),
    ("notify: [{channel: email, host: h, from: a@b, to: [c@d], password: p}]", "unknown key `password`"),
    ("notify: [{channel: command, argv: ./tell --now}]", "wrong value of `argv`"),
    ("notify: [{channel: command}]", "channel command has no `argv`"),
]
ONLY_OURS = [
    ("notify: [{channel: webhook, url: 'http://example.com'}]", "wrong value of `url`"),
    ("notify: [{channel: webhook, url: 'https://u:p@example.com'}]", "wrong value of `url`"),
    (
        "notify: [{channel: email, host: mail.test, tls: none, from: a@b, to: [c@d]}]",
        "`tls: none` is accepted for this",
    ),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def settings(text: str, environment: str = "sandbox", **environ: str) -> Settings:
    Path("pmx.yaml").write_text(text)
    Path("pmx.yaml").chmod(0o644)
    return gather(read_config(Path("pmx.yaml")), environ, Options(environment))[0]


def plain(text: str) -> Any:
    """As an editor reads it: YAML 1.2, to which ``on`` is a text."""
    return read(decode("pmx.yaml", text.encode())).plain()


def channels(text: str, environment: str = "sandbox") -> tuple[Channel, ...]:
    found = settings(text, environment).notify
    return found.value if found else ()


def test_every_kind_of_channel(tmp_path: Path) -> None:
    """With what a later try needs to know: the folder that paths start at."""
    VALIDATOR.validate(plain(RIGHT))
    found = channels(RIGHT)
    assert [each.kind for each in found] == ["webhook", "webhook", "slack", "email", "email", "command", "heartbeat"]
    assert found[5].on == ("failure", "interrupted")
    assert found[2].on == ("failure", "recovery", "in_doubt")
    assert {each.folder for each in found} == {str(tmp_path)}
    assert found[3].sender == "a@example.com"


@pytest.mark.parametrize(("text", "said"), [*WRONG, *ONLY_OURS], ids=[text for text, _ in [*WRONG, *ONLY_OURS]])
def test_a_wrong_channel_is_shown_at_its_place(text: str, said: str) -> None:
    """At the top and in an environment."""
    for written in (text, f"environments:\n  uat:\n    {text}"):
        with pytest.raises(WrongInput) as caught:
            settings(written)
        assert f"error: {said}" in str(caught.value)
        assert " --> pmx.yaml:" in str(caught.value)


@pytest.mark.parametrize("text", [text for text, _ in WRONG])
def test_an_editor_sees_it_too(text: str) -> None:
    """By the published schema."""
    assert not VALIDATOR.is_valid(plain(text))


@pytest.mark.parametrize("kind", CHANNELS)
def test_schema_and_code_know_the_same_keys(kind: str) -> None:
    """Each with the same kind of value, and each described."""
    properties = dict(SCHEMA["$defs"][f"channel_{kind}"]["properties"])
    assert properties.pop("channel")["const"] == kind
    assert all(each.pop("description") for each in properties.values())
    kinds: dict[str, Kind] = dict(CHANNELS[kind])
    assert properties == {key: each.schema for key, each in kinds.items()}


def test_the_environments_list_replaces_the_one_at_the_top() -> None:
    """Even an empty one, which tells nobody."""
    top = "notify: [{channel: slack, url_env: X}]\n"
    own = "environments: {uat: {notify: [{channel: heartbeat, url_env: Y}]}, quiet: {notify: []}}\n"
    assert [each.kind for each in channels(top + own, "preprod")] == ["slack"]
    assert [each.kind for each in channels(top + own, "uat")] == ["heartbeat"]
    assert channels(top + own, "quiet") == ()


def test_what_is_not_set_is_warned_of() -> None:
    """Each variable that a channel needs."""
    warned = [each.title for each in settings(RIGHT, KEY="k", HOOK="h", PASS="").warnings]
    assert warned == [f"`notify` needs the environment variable {name}, which is not set" for name in ("PASS", "BEAT")]


def test_they_are_shown_without_what_is_secret() -> None:
    """As ``doctor`` lists them."""
    shown = {name: each.value for name, each in settings(RIGHT, HOOK="https://secret.test").shown()}
    assert "slack by HOOK" in map(str, shown["notify"])  # type: ignore[call-overload]
    assert "secret.test" not in str(shown)
