"""``--report evidence=DIR`` and ``pmx-run verify``, from the run to whoever looks at its evidence."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli.main import dispatch

PLAYBOOK = "version: 1\nname: tiny\nsteps:\n  - {id: said, action: log, with: {message: hello}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a playbook, a key pair, and an environment on this machine that no step asks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "tiny.yaml").write_text(PLAYBOOK, encoding="utf-8")
    for name in ("private_key.pem", "other_private_key.pem"):
        assert dispatch(["keys", "new", "--out", name]) == 0
    (tmp_path / "pmx.yaml").write_text(
        "environments:\n  here:\n    base_url: http://127.0.0.1:1\n    auth_url: http://127.0.0.1:1/token\n"
        "    client_id: c\n    private_key_path: private_key.pem\n    participant_id: firms/F/users/U\n"
    )
    (tmp_path / "pmx.yaml").chmod(0o644)
    capsys.readouterr()
    return tmp_path


Do = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Do:
    """A command line: its exit code, stdout and stderr."""

    def typed(line: str) -> tuple[int, str, str]:
        code = dispatch(shlex.split(line))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return typed


RUN = "tiny.yaml --env here --run-id r1 --quiet --report evidence=proof"


def test_evidence_of_a_run_is_verified_with_the_public_key(do: Do) -> None:
    """Who, what, where, and by which key."""
    assert do(RUN)[0] == 0
    code, out, err = do("verify proof --key public_key.pem")
    fingerprint = do("keys fingerprint public_key.pem")[1].strip()
    assert (code, err) == (0, "")
    assert out == (
        "proof: as it was signed\n"
        "  run          r1 of tiny\n"
        "  where        here (127.0.0.1)\n"
        "  participant  firms/F/users/U\n"
        "  calls        0\n"
        f"  signed by    {fingerprint}\n"
    )


def test_what_was_tampered_with_is_named(do: Do) -> None:
    """Exit 1, one line for each."""
    do(RUN)
    Path("proof/report.md").unlink()
    Path("proof/more").touch()
    assert do("verify proof --key public_key.pem") == (
        1,
        "",
        "proof: not as it was signed\n  removed: report.md\n  added: more\n",
    )


def test_another_key_is_named(do: Do) -> None:
    """Both by their fingerprints."""
    do(RUN)
    ours, other = (do(f"keys fingerprint {each}")[1].strip() for each in ("public_key.pem", "other_public_key.pem"))
    code, _, err = do("verify proof --key other_public_key.pem")
    assert code == 1
    assert f"signed by another key: the manifest names {ours}, the key that was given is {other}" in err


def test_without_a_key_it_says_which_is_expected(do: Do) -> None:
    """Exit 2: nothing was verified."""
    do(RUN)
    fingerprint = do("keys fingerprint public_key.pem")[1].strip()
    code, _, err = do("verify proof")
    assert code == 2
    assert f"signed by {fingerprint}" in err
    assert "pmx-run verify proof --key PUBLIC.pem" in err


@pytest.mark.parametrize("words", ["nowhere", "tiny.yaml", ". --key nowhere.pem", ". --key tiny.yaml", "."])
def test_wrong_use_is_no_tampering(words: str, do: Do) -> None:
    """Exit 2."""
    assert do(f"verify {words}")[0] == 2


def test_evidence_can_be_written_later(do: Do) -> None:
    """From the journal, with the key of the run's own environment; the calls' chain is the same."""
    do(RUN)
    assert do("report r1 --report evidence=later")[0] == 0
    assert do("verify later --key public_key.pem")[0] == 0
    assert Path("later/entries.jsonl").read_bytes() == Path("proof/entries.jsonl").read_bytes()
    assert Path("later/settings.json").read_bytes() == Path("proof/settings.json").read_bytes()


def test_settings_are_told_with_their_origins(do: Do) -> None:
    """As they were when the run began."""
    do(RUN)
    told = {each["name"]: each for each in json.loads(Path("proof/settings.json").read_text())}
    assert told["client_id"] == {"name": "client_id", "value": "c", "origin": "pmx.yaml:5:16"}
    assert told["environment"]["origin"] == "--env"


def test_the_playbook_is_there_as_it_was_run(do: Do) -> None:
    """Whatever became of its file."""
    do(RUN)
    Path("tiny.yaml").write_text("version: 1\n")
    do("report r1 --report evidence=later")
    assert Path("later/playbooks/tiny.yaml").read_text() == PLAYBOOK


def test_without_a_key_of_ones_own_there_is_no_evidence(do: Do) -> None:
    """The embedded exchange's keys are nobody's: nothing is sent."""
    code, out, err = do("tiny.yaml --report evidence=proof")
    assert (code, out) == (2, "")
    assert "environment `sandbox` has no private key to sign the evidence with" in err
    assert "PMX_PRIVATE_KEY_PATH" in err


def test_a_key_that_signs_is_not_called_unused(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the embedded exchange it signs the evidence; without evidence it is of no use there."""
    monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", "private_key.pem")
    code, _, err = do("tiny.yaml --report evidence=proof")
    assert (code, err) == (0, "")
    assert do("verify proof --key public_key.pem")[0] == 0
    assert "its own: PMX_PRIVATE_KEY_PATH\n" in do("tiny.yaml")[2]


@pytest.mark.parametrize(("path", "why"), [("state", "not an empty folder"), ("-", "stdout"), ("no/dir", "no folder")])
def test_a_place_that_is_taken_is_refused_before_the_run(path: str, why: str, do: Do) -> None:
    """Evidence is never mixed with anything."""
    Path("state").mkdir(mode=0o700)
    Path("state/file").touch()
    code, _, err = do(f"tiny.yaml --env here --report evidence={path}")
    assert code == 2
    assert why in err


def test_several_runs_have_a_folder_each(do: Do) -> None:
    """Or a path each, with {playbook} in it."""
    Path("second.yaml").write_text(PLAYBOOK.replace("tiny", "second"))
    assert do("tiny.yaml second.yaml --env here --report evidence=all --report evidence=of-{playbook}")[0] == 0
    assert len(list(Path("all").iterdir())) == 2
    for each in (*Path("all").iterdir(), "of-tiny", "of-second"):
        assert do(f"verify {each} --key public_key.pem")[0] == 0
    code, _, err = do("verify all --key public_key.pem")
    assert code == 2
    assert "evidence of 2 runs" in err
