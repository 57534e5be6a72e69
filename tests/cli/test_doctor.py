"""``pmx-run doctor`` names the first thing that is in the way, and what to do about it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from reporters.schema import DOCTOR, check
from sandbox.served import served

from runner.cli import doctor, doctor_checks
from runner.errors import WrongInput
from runner.venue.keys import new_pair

CHECKS = ("key", "environment", "dns", "tls", "health", "clock", "token", "scopes", "whoami", "participant")


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """Those of an exchange."""
    with served() as variables:
        yield variables


@pytest.fixture
def environ(variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Those variables, set; a test changes one before it asks the doctor."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def test_the_published_schema_names_every_check() -> None:
    """In the sequence in which they are made."""
    names = DOCTOR["$defs"]["check"]["properties"]["name"]["examples"]
    assert names == [each.name for each in doctor_checks.CHECKS]


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    return doctor.run(parser.parse_args(words))


def checks(text: str) -> dict[str, str]:
    """The printed findings by name, with their mark; the help of a failed one below it."""
    found: dict[str, str] = {}
    name = ""
    for line in text.partition("checks\n")[2].splitlines():
        if line.startswith("  ") and line[2] != " ":
            mark, name, seen = line.split(None, 2)
            found[name] = f"{mark} {seen}"
        else:
            found[name] += f"\n{line.strip()}"
    return found


def marks(found: dict[str, str]) -> str:
    return "".join(found[name][0] for name in CHECKS)


@pytest.mark.usefixtures("environ")
def test_all_is_well(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, nothing on stderr, each setting with its origin, each check with what was seen."""
    assert command() == 0
    said = capsys.readouterr()
    assert said.err == ""
    rows = [line.split(None, 2) for line in said.out.partition("\n\n")[0].splitlines()[1:]]
    assert ["base_url", environ["PMX_BASE_URL"], "environment variable PMX_BASE_URL"] in rows
    assert ["reconcile_window", "20s", "built in"] in rows
    assert ["production", "false", "decided by the host"] in rows
    found = checks(said.out)
    assert tuple(found) == ("state", *CHECKS)
    assert marks(found) == "✔✔✔✔✔✔✔✔✔✔"
    assert found["key"].startswith("✔ RSA, 2048 bits, PKCS#8, mode 600, SHA256:")
    assert found["health"] == "✔ the venue says ok"
    assert "read:orders write:orders" in found["scopes"]
    assert environ["PMX_PARTICIPANT_ID"] in found["participant"]


def test_without_any_setting_the_embedded_exchange_is_examined(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is started for the occasion, and its values are named as its own."""
    for name in environ:
        monkeypatch.delenv(name)
    assert command() == 0
    said = capsys.readouterr().out
    rows = [line.split(None, 2) for line in said.partition("\n\n")[0].splitlines()[1:]]
    assert ["environment", "sandbox", "built in"] in rows
    assert ["client_id", environ["PMX_CLIENT_ID"], "embedded exchange"] in rows
    assert marks(checks(said)) == "✔✔✔✔✔✔✔✔✔✔"


@pytest.mark.usefixtures("environ")
def test_options_win_and_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The participant of the option is the one that is tried; a foreign one may not be acted for."""
    assert command("--participant", "firms/Somebody-Else/users/mallory") == 1
    said = capsys.readouterr().out
    assert "firms/Somebody-Else/users/mallory" in said
    assert "--participant\n" in said
    found = checks(said)
    assert marks(found) == "✔✔✔✔✔✔✔✔✔✘"
    assert found["participant"].startswith("✘ the venue refused: 403 ")
    assert "= help: Somebody-Else is another firm than that of this client id" in found["participant"]


@pytest.mark.usefixtures("environ")
def test_another_key_than_the_registered_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key is a good one, but not the one that the venue knows."""
    other = tmp_path / "other.pem"
    other.touch(0o600)
    other.write_text(new_pair()[0].reveal())
    monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", str(other))
    assert command() == 1
    found = checks(capsys.readouterr().out)
    assert marks(found) == "✔✔✔✔✔✔✘---"
    assert found["token"].startswith("✘ no access token was given: 401 invalid_client")
    assert "this key is not registered for it" in found["token"]
    assert found["participant"] == "- not tried because of `token`"


@pytest.mark.usefixtures("environ")
def test_another_audience(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The token endpoint's word for it, and the variable to look at."""
    monkeypatch.setenv("PMX_AUDIENCE", "https://api.example.com")
    assert command() == 1
    found = checks(capsys.readouterr().out)
    assert marks(found) == "✔✔✔✔✔✔✘---"
    assert "PMX_AUDIENCE" in found["token"]


@pytest.mark.usefixtures("environ")
def test_nobody_serves(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One failure, and what stands on it is not tried."""
    monkeypatch.setenv("PMX_BASE_URL", "http://127.0.0.1:1")
    assert command() == 3
    found = checks(capsys.readouterr().out)
    assert marks(found) == "✔✔✔✘------"
    assert found["tls"] == (
        "✘ no connection to 127.0.0.1:1: Connection refused\n"
        "= help: is the exchange running? start one with: pmx-run sandbox"
    )


def test_a_key_that_others_can_read(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The network is looked at all the same."""
    lax = tmp_path / "lax.pem"
    lax.write_bytes(Path(environ["PMX_PRIVATE_KEY_PATH"]).read_bytes())
    lax.chmod(0o644)
    monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", str(lax))
    assert command() == 1
    found = checks(capsys.readouterr().out)
    assert marks(found) == "✘-✔✔✔✔----"
    assert found["key"] == f"✘ the private key {lax} can be read by others\n= help: chmod 600 {lax}"
    assert found["token"] == "- not tried because of `key`"


def test_a_key_in_a_variable_is_never_shown(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is used, and named by the variable."""
    pem = Path(environ["PMX_PRIVATE_KEY_PATH"]).read_text()
    monkeypatch.delenv("PMX_PRIVATE_KEY_PATH")
    monkeypatch.setenv("PMX_PRIVATE_KEY", pem)
    assert command() == 0
    said = capsys.readouterr().out
    assert "from PMX_PRIVATE_KEY, SHA256:" in checks(said)["key"]
    assert not any(line in said for line in pem.splitlines())


@pytest.mark.usefixtures("environ")
def test_settings_that_lack_something(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What is known is shown, what is missing is listed, and nothing is tried."""
    monkeypatch.delenv("PMX_CLIENT_ID")
    with pytest.raises(WrongInput) as caught:
        command()
    assert caught.value.exit_code == 2
    assert "environment `preprod` has no client_id\n" in str(caught.value)
    said = capsys.readouterr().out
    assert said.startswith("settings\n  environment ")
    assert "checks" not in said


def test_for_programs(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--json``: the same settings and checks as one object, whatever comes of it; no secret in it."""
    pem = Path(environ["PMX_PRIVATE_KEY_PATH"]).read_text()
    monkeypatch.delenv("PMX_PRIVATE_KEY_PATH")
    monkeypatch.setenv("PMX_PRIVATE_KEY", pem)
    assert command("--json", "--participant", "firms/Somebody-Else/users/mallory") == 1
    said = capsys.readouterr().out
    told = json.loads(said)
    check(told, DOCTOR)
    assert (told["version"], told["exit_code"]) == (1, 1)
    origin = "environment variable PMX_CLIENT_ID"
    assert {"name": "client_id", "value": environ["PMX_CLIENT_ID"], "origin": origin} in told["settings"]
    assert [each["name"] for each in told["checks"]] == ["state", *CHECKS]
    assert told["checks"][-1]["state"] == "failed"
    assert len(told["checks"][-1]["help"]) == 1
    assert not any(line in said for line in pem.splitlines())
    monkeypatch.delenv("PMX_CLIENT_ID")
    with pytest.raises(WrongInput):
        command("--json")
    told = json.loads(capsys.readouterr().out)
    check(told, DOCTOR)
    assert (told["exit_code"], told["checks"]) == (2, [])


@pytest.mark.usefixtures("environ")
def test_a_password_in_an_address_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in the table of settings, and not in the message that refuses it."""
    monkeypatch.setenv("PMX_BASE_URL", "https://me:pa/ss@api.example.com")
    with pytest.raises(WrongInput) as caught:
        command()
    assert "pa/ss" not in str(caught.value) + capsys.readouterr().out


@pytest.mark.usefixtures("environ")
def test_a_slip_in_a_variable_is_warned_of_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """... and the checks go on."""
    monkeypatch.setenv("PMX_ACOUNT", "x")
    assert command() == 0
    assert capsys.readouterr().err == (
        "warning: environment variable `PMX_ACOUNT` is not used\n  = help: did you mean `PMX_ACCOUNT`?\n"
    )
