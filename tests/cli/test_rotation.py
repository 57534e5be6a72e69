"""``pmx-run keys rotate``: a new key takes the place of the old without a pause, and nothing is lost on the way."""

from __future__ import annotations

import argparse
import os
import shlex
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sandbox.control import Control
from sandbox.served import served

from runner.cli import keys, rotation
from runner.cli.credentials import credentials
from runner.cli.key_files import public_path
from runner.cli.main import dispatch
from runner.cli.rotation import shown_fingerprint
from runner.clock import Deadline, SystemClock
from runner.errors import GuardRefused, StepErrored, Unreachable, WrongInput
from runner.redact import Redactor, Secret
from runner.settings import Options, resolve
from runner.venue import endpoints
from runner.venue.desk import Desk, Venue
from runner.venue.keys import new_pair
from runner.venue.transport import Transport

USED, NEW = Path("private_key.pem"), Path("private_key.new.pem")
PUBLIC, NEW_PUBLIC = Path("public_key.pem"), Path("public_key.new.pem")


@pytest.fixture
def control(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    """An exchange whose client's key lies in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    with served("--key-dir", ".", "--expires-in", "60") as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", str(USED))
        yield Control(variables)


@pytest.fixture(scope="module")
def pair() -> tuple[Secret, bytes]:
    return new_pair()


@pytest.fixture(autouse=True)
def made(pair: tuple[Secret, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every new key is the same one, which is none of an exchange's: to make one takes long."""
    monkeypatch.setattr(rotation, "new_pair", lambda _: pair)


def rotate(*words: str) -> int:
    parser = argparse.ArgumentParser()
    keys.add_arguments(parser)
    return keys.run(parser.parse_args(["rotate", *words]))


def register(control: Control, public: Path) -> None:
    control.call("POST", "/keys", {"public_key": public.read_text()})


def old_keys() -> list[Path]:
    return sorted(Path().glob("private_key.old-*.pem"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def desk() -> tuple[Desk, Transport]:
    """As a run has it that goes on for long."""
    settings = resolve(None, os.environ, Options())
    assert settings.base_url
    clock, redactor = SystemClock(), Redactor(())
    transport = Transport(clock, redactor)
    venue = Venue(credentials(settings), settings.base_url.value, transport, clock, redactor)
    return venue.desk(None, "", Deadline(clock, 60), lambda _: None), transport


def test_the_whole_sequence(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    """Each step says what comes next; a run that was under way all the time never fails."""
    before = shown_fingerprint(USED)
    working, transport = desk()
    endpoints.whoami(working)
    assert rotate() == 0
    said = capsys.readouterr().out
    after = shown_fingerprint(NEW)
    assert said == (
        f"old  {USED.absolute()}  {before}\n"
        f"new  {NEW.absolute()}  {after}  (mode 600; never hand it out)\n\n"
        "Next, while runs go on with the old key:\n"
        f"  1. Hand in {NEW_PUBLIC.absolute()} to the venue's onboarding, as the next key of client id\n"
        "     sandbox-acme-client in environment `preprod`; the old one is to stay until you say so.\n"
        "  2. pmx-run keys rotate --try\n"
    )
    assert (mode(NEW), mode(NEW_PUBLIC), mode(USED)) == (0o600, 0o644, 0o600)

    assert rotate("--try") == 1
    assert capsys.readouterr().out == (
        f"  ✔ old  {before}  the venue takes it\n"
        f"  ✘ new  {after}  refused: invalid_client: unknown client or wrong signature\n\n"
        f"The venue does not know the new key yet. When it has {NEW_PUBLIC.absolute()}: pmx-run keys rotate --try\n"
    )
    register(control, NEW_PUBLIC)
    assert rotate("--try") == 0
    assert capsys.readouterr().out.endswith("the venue takes it\n\nNext: pmx-run keys rotate --switch\n")

    assert rotate("--switch") == 0
    said = capsys.readouterr().out
    (old,) = old_keys()
    assert said.startswith(f"in use  {USED.absolute()}  {after}\nkept    {old.absolute()}  {before}\n")
    assert said.endswith("remove the old key by its fingerprint, then: pmx-run keys rotate --retire\n")
    assert (shown_fingerprint(USED), shown_fingerprint(old)) == (after, before)
    assert (mode(USED), mode(old)) == (0o600, 0o600)
    assert not NEW.exists()
    assert not NEW_PUBLIC.exists()

    assert rotate("--try") == 0
    assert "The new key is in use already. Next: pmx-run keys rotate --retire" in capsys.readouterr().out
    assert rotate("--retire") == 1
    assert f"Not proved: ask the venue's onboarding to remove {before}" in capsys.readouterr().out
    control.call("DELETE", "/keys/0")
    control.move(100)
    endpoints.whoami(working)
    transport.close()
    assert rotate("--retire") == 0
    said = capsys.readouterr().out
    assert f"  ✔ in use  {after}  the venue takes it\n" in said
    assert said.endswith(f"verifies what it signed:\n  rm {shlex.quote(str(old.absolute()))}\n")
    assert old.exists()


def test_public_halves_go_along(control: Control) -> None:
    """The usual name holds the half of the key in use; the old one's is kept for whoever verifies what it signed."""
    keys_before = rotation.Keys(USED.absolute())
    PUBLIC.write_bytes(rotation._public_half(USED))
    before = PUBLIC.read_bytes()
    rotate()
    after = NEW_PUBLIC.read_bytes()
    register(control, NEW_PUBLIC)
    rotate("--switch")
    (kept,) = Path().glob("public_key.old-*.pem")
    assert (PUBLIC.read_bytes(), kept.read_bytes()) == (after, before)
    assert public_path(keys_before.used) == PUBLIC.absolute()


@pytest.mark.parametrize("name", ["private_key.pem", "keys/acme.pem", "acme"])
def test_names(name: str, tmp_path: Path) -> None:
    """Kept keys end as keys do, so that what is told to leave keys alone leaves them alone; halves are told apart."""
    used = tmp_path / name
    used.parent.mkdir(exist_ok=True)
    here = rotation.Keys(used)
    old = here.old_at(datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert {here.new.suffix, old.suffix} == {used.suffix or ".pem"}
    names = [each for private in (used, here.new, old) for each in (private, public_path(private))]
    for each in names:
        each.touch()
    assert len(set(names)) == 6
    assert here.old == (old,)


def test_another_file_under_the_public_name_is_left_alone(control: Control) -> None:
    """Whatever it is, it is not ours."""
    PUBLIC.write_text("a note")
    rotate()
    register(control, NEW_PUBLIC)
    rotate("--switch")
    assert PUBLIC.read_text() == "a note"
    assert NEW_PUBLIC.exists()


def test_a_new_key_is_never_made_twice(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    """Not while one waits to be taken, and not while an old one may still be good; a lost public half is made again."""
    rotate()
    first = NEW.read_bytes()
    public = NEW_PUBLIC.read_bytes()
    NEW_PUBLIC.unlink()
    assert rotate() == 0
    assert (NEW.read_bytes(), NEW_PUBLIC.read_bytes()) == (first, public)
    register(control, NEW_PUBLIC)
    rotate("--switch")
    with pytest.raises(WrongInput, match=r"the last change is not finished: .*old-.* is still kept"):
        rotate()
    assert not NEW.exists()
    capsys.readouterr()


@pytest.mark.usefixtures("control")
def test_the_switch_waits_for_the_venue() -> None:
    """Exit 5 while the new key is not accepted, and nothing has changed."""
    rotate()
    before = {each.name: each.read_bytes() for each in Path().iterdir() if each.is_file()}
    with pytest.raises(GuardRefused) as caught:
        rotate("--switch")
    assert caught.value.message == (
        "the venue does not take the new key: invalid_client: unknown client or wrong signature; nothing was changed"
    )
    assert caught.value.help == "when it does: pmx-run keys rotate --try"
    assert {each.name: each.read_bytes() for each in Path().iterdir() if each.is_file()} == before


@pytest.mark.parametrize("name", ["_keep_public_halves", "_move", "_settle_public_half"])
def test_an_interrupted_switch_is_finished(name: str, control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it ended: a good key is in place at every moment, none is lost, and the next switch goes on."""
    PUBLIC.write_bytes(rotation._public_half(USED))
    before = shown_fingerprint(USED)
    rotate()
    after = shown_fingerprint(NEW)
    register(control, NEW_PUBLIC)
    with monkeypatch.context() as patch:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(rotation, name, killed)
        with pytest.raises(KeyboardInterrupt):
            rotate("--switch")
    assert shown_fingerprint(USED) in {before, after}
    assert rotate("--switch") == 0
    (old,) = old_keys()
    assert (shown_fingerprint(USED), shown_fingerprint(old)) == (after, before)
    assert PUBLIC.read_bytes() == rotation._public_half(USED)
    assert not any(each.name.startswith(".") for each in Path().iterdir())
    assert not NEW.exists()
    assert not NEW_PUBLIC.exists()


def test_a_refusal_of_all_keys_proves_nothing(control: Control) -> None:
    """The old key counts as unused only where the one in use is taken at the same time."""
    rotate()
    register(control, NEW_PUBLIC)
    rotate("--switch")
    for _ in range(2):
        control.call("DELETE", "/keys/0")
    with pytest.raises(StepErrored, match="so a refusal of the old one proves nothing"):
        rotate("--retire")


def test_another_refusal_proves_nothing_either(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    """An assertion that was held for a replay says nothing of its key; a venue that is away less still."""
    rotate()
    register(control, NEW_PUBLIC)
    rotate("--switch")
    control.arm("resent", operation="POST /oauth/token", calls=[2])
    assert rotate("--retire") == 1
    assert "Not proved: it was refused for another reason. Try it again: pmx-run keys rotate --retire" in (
        capsys.readouterr().out
    )
    control.arm("status", status=503, operation="POST /oauth/token")
    with pytest.raises(Unreachable):
        rotate("--retire")


def test_pins_are_kept(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that isn't pinned signs nothing: the first step says so, the others refuse."""
    Path("pmx.yaml").write_text(
        f"environments: {{preprod: {{pins: {{key_fingerprints: ['{shown_fingerprint(USED)}']}}}}}}"
    )
    Path("pmx.yaml").chmod(0o600)
    rotate("--env", "preprod")
    said = capsys.readouterr().out
    assert "  2. Pin the new fingerprint beside the old one (pmx.yaml:1:" in said
    assert said.endswith("  3. pmx-run keys rotate --try --env preprod\n")
    register(control, NEW_PUBLIC)
    with pytest.raises(GuardRefused, match="the private key's fingerprint is"):
        rotate("--switch")


def test_a_link_stays_a_link(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that it leads to is replaced."""
    Path("link.pem").symlink_to(USED)
    monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", "link.pem")
    rotate()
    after = shown_fingerprint(NEW)
    register(control, NEW_PUBLIC)
    rotate("--switch")
    assert Path("link.pem").is_symlink()
    assert shown_fingerprint(USED) == after


def test_the_playbook_proves_the_new_key(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    """With the new fingerprint alone pinned, only the new key passes; a scope that it lost is missed."""
    rotate()
    register(control, NEW_PUBLIC)
    Path("pmx.yaml").write_text(
        f"environments: {{preprod: {{pins: {{key_fingerprints: ['{shown_fingerprint(NEW)}']}}}}}}"
    )
    Path("pmx.yaml").chmod(0o600)
    assert dispatch(["key-rotation"]) == 5
    rotate("--switch")
    assert dispatch(["key-rotation"]) == 0
    control.call("POST", "/scopes", {"scopes": ["read:accounts", "read:orders"]})
    capsys.readouterr()
    assert dispatch(["key-rotation"]) == 1
    said = capsys.readouterr().out
    assert "Its token holds the same scopes    ✘" in said
    assert "Ask onboarding to remove the old key" not in said


@pytest.mark.parametrize(
    ("step", "words", "help"),
    [
        ("--try", "no change of keys is under way: there is no ", "begin one: pmx-run keys rotate"),
        ("--switch", "no change of keys is under way: there is no ", "begin one: pmx-run keys rotate"),
        ("--retire", "no old key is kept beside ", "it is by: pmx-run keys rotate"),
    ],
)
@pytest.mark.usefixtures("control")
def test_steps_out_of_turn(step: str, words: str, help: str) -> None:
    """Exit 2, with the step that is meant."""
    with pytest.raises(WrongInput) as caught:
        rotate(step)
    assert words in str(caught.value)
    assert f"= help: {help}" in str(caught.value)


@pytest.mark.usefixtures("control")
def test_a_key_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable can't be replaced from here, and the embedded exchange's key is nobody's."""
    monkeypatch.setenv("PMX_PRIVATE_KEY", USED.read_text())
    monkeypatch.delenv("PMX_PRIVATE_KEY_PATH")
    with pytest.raises(WrongInput, match="the private key is in PMX_PRIVATE_KEY, and no file holds it"):
        rotate()
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    with pytest.raises(WrongInput, match="the embedded exchange has keys of its own"):
        rotate()
