"""Pins, from the command line: what is known to disagree sends nothing at all, and the doctor says so."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sandbox.control import Control
from sandbox.served import served

from runner.cli.main import dispatch
from runner.venue.keys import KeyFile, fingerprint, load_key

PLAYBOOK = """
version: 1
name: pinned
inputs:
  who: {type: string, default: ""}
steps:
  - {id: me, action: whoami, participant: "{{ inputs.who if inputs.who else environment.participant }}"}
"""


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """Those of an exchange."""
    with served() as variables:
        yield variables


@pytest.fixture
def environ(variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Those variables, set, in a folder with a playbook."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    for name, value in (variables | {"PMX_STATE_DIR": str(tmp_path / "state")}).items():
        monkeypatch.setenv(name, value)
    Path("pinned.yaml").write_text(PLAYBOOK)
    return variables


def pin(environment: str = "preprod", **pins: str) -> None:
    path = Path("pmx.yaml")
    path.write_text(json.dumps({"environments": {environment: {"pins": {name: [pins[name]] for name in pins}}}}))
    path.chmod(0o600)


def right(environ: Mapping[str, str]) -> dict[str, str]:
    key = load_key(KeyFile(Path(environ["PMX_PRIVATE_KEY_PATH"]))).public_key()
    return {
        "client_ids": environ["PMX_CLIENT_ID"],
        "key_fingerprints": fingerprint(key),
        "firms": environ["PMX_PARTICIPANT_ID"].split("/")[1],
        "participants": environ["PMX_PARTICIPANT_ID"],
    }


def calls(environ: Mapping[str, str]) -> int:
    return len(Control(environ).calls())


def test_all_agree(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A run goes on as if there were none; the doctor lists them with their places."""
    pin(**right(environ))
    assert dispatch(["pinned.yaml"]) == 0
    capsys.readouterr()
    assert dispatch(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "✔ pins         client id, key and participant agree with what is pinned" in said
    for name, value in right(environ).items():
        row = next(line for line in said.splitlines() if line.startswith(f"  pins.{name} "))
        assert value in row
        assert row.split()[-1].startswith("pmx.yaml:1:")


WRONG = {
    "client_ids": ("another-client", "the client id is `sandbox-acme-client`"),
    "key_fingerprints": ("ab" * 32, "the private key's fingerprint is `SHA256:"),
    "participants": ("firms/F/users/U", "the participant is `firms/"),
}


@pytest.mark.parametrize(("name", "value", "words"), [(name, *each) for name, each in WRONG.items()], ids=WRONG)
def test_one_disagrees(
    name: str, value: str, words: str, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 5 before anything is sent, with the pin's place; the doctor fails there, too."""
    pin(**right(environ) | {name: value})
    before = calls(environ)
    assert dispatch(["pinned.yaml"]) == 5
    said = capsys.readouterr().err
    assert words in said
    assert f"this environment pins {value}" in said
    assert "the pin stands at pmx.yaml:1:" in said
    assert calls(environ) == before
    assert dispatch(["doctor"]) == 1
    assert f"✘ pins         {words}" in capsys.readouterr().out


def test_a_step_s_own_participant(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """One that inputs and settings tell is known before anything is sent."""
    pin(participants=environ["PMX_PARTICIPANT_ID"])
    before = calls(environ)
    assert dispatch(["pinned.yaml", "-i", "who=firms/F/users/mallory"]) == 5
    assert "the participant is `firms/F/users/mallory`" in capsys.readouterr().err
    assert calls(environ) == before


def test_the_firm_is_seen_by_whoami(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The venue has to be asked for it: the action and the doctor's look fail."""
    pin(**right(environ) | {"firms": "Somebody-Else"})
    assert dispatch(["pinned.yaml"]) == 5
    assert "this environment pins Somebody-Else" in capsys.readouterr().out
    assert dispatch(["doctor"]) == 1
    assert "✘ participant  the firm that the venue names is `" in capsys.readouterr().out


def test_the_embedded_exchange_too(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is known of it only once it was started is held against its pins then."""
    for name in environ:
        monkeypatch.delenv(name)
    pin("sandbox", client_ids="another-client")
    assert dispatch(["pinned.yaml"]) == 5
    said = capsys.readouterr()
    assert (said.out, "the client id is `sandbox-acme-client`" in said.err) == ("", True)


def test_participants_of_an_included_playbook(environ: dict[str, str]) -> None:
    """Whom its steps act for is known as far as what it is handed."""
    top = Path("top.yaml")
    call = "{id: below, action: run_playbook, with: {path: pinned.yaml, inputs: {who: WHO}}}"
    top.write_text(f"version: 1\nname: top\ninputs: {{who: {{type: string}}}}\nsteps:\n  - {call}\n")
    pin(participants=environ["PMX_PARTICIPANT_ID"])
    text = top.read_text()
    for who in ("firms/F/users/mallory", "'{{ inputs.who }}'"):
        top.write_text(text.replace("WHO", who))
        assert dispatch(["top.yaml", "-i", "who=firms/F/users/mallory"]) == 5
