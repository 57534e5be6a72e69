"""Faults as written, in a file or a control call: what is taken, and how a mistake is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runner.sandbox.faults.effects import EFFECTS, NoAnswer, Status
from runner.sandbox.faults.reading import WrongFaults, read, read_file


def test_a_file_is_read(tmp_path: Path) -> None:
    """Kind, settings of the kind and choice of calls stand beside each other; what is left out has a default."""
    path = tmp_path / "faults.yaml"
    path.write_text(
        "faults:\n"
        "  - {fault: no_answer, commit: after, operation: POST /v1/trading/orders, calls: 2}\n"
        "  - {fault: status, status: 503, share: 0.25, seed: 7}\n"
    )
    first, second = read_file(path)
    assert (first.effect, first.operation, first.calls) == (NoAnswer("after"), "POST /v1/trading/orders", (2,))
    assert (second.effect, second.operation, second.share, second.seed) == (Status("503"), "* /v1/*", 0.25, 7)


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_kind_has_a_sentence(kind: str) -> None:
    """The class says what the fault is."""
    assert (EFFECTS[kind].__doc__ or "").endswith(".")


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], "an object with one key, `faults`, a list, is expected"),
        ({"faults": {}}, "an object with one key, `faults`, a list, is expected"),
        ({"faults": [], "more": 1}, "an object with one key, `faults`, a list, is expected"),
        ({"faults": ["delay"]}, "faults[0]: an object is expected"),
        ({"faults": [{}]}, "faults[0].fault: one of no_answer, delay,"),
        ({"faults": [{"fault": "fire"}]}, "faults[0].fault: one of no_answer, delay,"),
        ({"faults": [{"fault": "delay"}]}, "faults[0].seconds: is missing"),
        ({"faults": [{"fault": "delay", "seconds": "1"}]}, "faults[0].seconds: a number is expected"),
        ({"faults": [{"fault": "delay", "seconds": True}]}, "faults[0].seconds: a number is expected"),
        ({"faults": [{"fault": "delay", "seconds": -1}]}, "faults[0].seconds: at least 0"),
        ({"faults": [{"fault": "drip", "bytes_per_second": 0}]}, "faults[0].bytes_per_second: at least 1"),
        ({"faults": [{"fault": "huge", "mebibytes": 65}]}, "faults[0].mebibytes: at most 64"),
        ({"faults": [{"fault": "status", "status": 418}]}, "faults[0].status: one of 401, 429,"),
        ({"faults": [{"fault": "no_answer", "commit": "never"}]}, "faults[0].commit: one of before, after is expected"),
        ({"faults": [{"fault": "garbage", "seconds": 1}]}, "faults[0].seconds: garbage has no such setting"),
        ({"faults": [{"fault": "garbage", "calls": [0]}]}, "faults[0].calls: numbers of calls from 1"),
        ({"faults": [{"fault": "garbage", "calls": []}]}, "faults[0].calls: numbers of calls from 1"),
        ({"faults": [{"fault": "garbage", "share": 1.5}]}, "faults[0].share: a number from 0 to 1"),
        ({"faults": [{"fault": "garbage", "share": 0.5, "calls": 1}]}, "faults[0]: either calls or share"),
        ({"faults": [{"fault": "redirect", "location": "a\r\nb: c"}]}, "faults[0].location: a text is expected"),
        ({"faults": [{"fault": "garbage"}, {"fault": "x"}]}, "faults[1].fault: one of"),
        ({"faults": [{"fault": "garbage"}] * 1001}, "faults: at most 1000 are taken"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_mistakes_are_told_with_their_place(document: object, complaint: str) -> None:
    """Where, and what was expected there."""
    with pytest.raises(WrongFaults) as caught:
        read(document)
    assert str(caught.value).startswith(complaint)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"faults: [", "is not YAML"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"faults:\n- fault: fire\n", "faults[0].fault: one of"),
        (None, "cannot be read"),
    ],
    ids=["yaml", "encoding", "kind", "missing"],
)
def test_a_wrong_file_ends_the_start(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    """Exit code 2 and one sentence that names the file; nothing was served."""
    path = tmp_path / "faults.yaml"
    if content is not None:
        path.write_bytes(content)
    command = [sys.executable, "-m", "runner.sandbox", "--faults", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {path}")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
