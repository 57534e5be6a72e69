"""``docs/sandbox.md`` against the exchange: nothing is missing there, and nothing is promised that is not tested."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from runner.sandbox.control.panel import CALLS
from runner.sandbox.exchange.terms import TimeInForce
from runner.sandbox.faults.effects import EFFECTS
from runner.sandbox.faults.reading import read
from runner.sandbox.gateway.buckets import TIER_1
from runner.sandbox.options import OPTIONS
from runner.sandbox.rules import switches
from sandbox.instrument_states import STATES
from sandbox.refusals import REFUSALS
from sandbox.test_sandbox_trading import TIMES_IN_FORCE

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_test_that_is_named_exists() -> None:
    """In this folder."""
    known = {name for path in HERE.glob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}
    named = set(re.findall(r"`(test_\w+)(?:\[[\w-]+\])?`", PAGE))
    assert len(named) > 100
    assert named <= known, named - known


def test_every_switch_is_there_with_its_values() -> None:
    """In their sequence, the default first, each with a test; switches named elsewhere exist."""
    written = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[1])) for row in rows("Switches")}
    assert written == switches()
    assert all("`test_" in row[3] for row in rows("Switches"))
    mentioned = re.findall(r"`(\w+)`", " ".join(re.findall(r"switch(?:es)? ((?:`\w+`(?:, )?)+)", PAGE)))
    assert set(mentioned) <= set(switches())


def test_every_fault_is_there_with_an_example() -> None:
    """The example is a fault of its kind and names every setting of it."""
    written = {row[0].strip("`"): row for row in rows("Faults")}
    assert list(written) == list(EFFECTS)
    for kind, row in written.items():
        example = yaml.safe_load(row[1].strip("`"))
        assert [fault.kind for fault in read({"faults": [example]})] == [kind]
        assert set(getattr(EFFECTS[kind], "__slots__", ())) <= set(example)
        assert "`test_" in row[3]


def test_the_file_of_the_page_is_read() -> None:
    """As it stands there."""
    text = re.findall(r"```yaml\n(.*?)```", section("Faults"), re.S)[0]
    first, second = read(yaml.safe_load(text))
    assert (first.calls, second.share) == ((1, 3), 0.1)


def test_every_control_call_is_there() -> None:
    """In the sequence of the table in the code."""
    assert [row[0].strip("`") for row in rows("Control calls")] == list(CALLS)


def test_every_option_is_there() -> None:
    """With the name that it has."""
    assert [re.findall(r"--[\w-]+", row[0])[0] for row in rows("Options")] == list(OPTIONS)


def test_every_rate_is_there() -> None:
    """The names that ``--rate`` takes."""
    assert re.findall(r"`([A-Z]\w+)`", section("Rate limits")) == list(TIER_1)


def test_every_refusal_is_there() -> None:
    """Each text and reason that an order can meet, in the words that the test named beside it expects."""
    written = [(row[0].strip("`"), row[1].strip("`"), first_id(row[2])) for row in rows("Why orders are refused")]
    assert written == [(case.text, case.reason.name, f"test_refused[{name}]") for name, case in REFUSALS.items()]


def test_every_time_in_force_is_there() -> None:
    """As the venue's vocabulary has them, each with the test that sends it."""
    written = [(row[0].strip("`"), first_id(row[2])) for row in rows("Times in force")]
    assert written == [(word.name, f"test_time_in_force[{word.name}]") for word in TimeInForce if word]
    assert {name for name, _ in written} == {*TIMES_IN_FORCE}


def test_every_instrument_state_is_there() -> None:
    """With what it allows, and the four tests of that."""
    table = rows("Instrument states")
    assert [row[0].strip("`") for row in table] == [state.name for state in STATES]
    for row, (state, allowed) in zip(table, STATES.items(), strict=True):
        assert row[1:5] == allowed.words
        tests = [f"`test_{act}_in[{state.name}]`" for act in ("insert", "replace", "cancel", "match")]
        assert row[6].startswith(", ".join(tests))


def first_id(cell: str) -> str:
    return cell.partition(",")[0].strip("`")


def test_all_43_contradictions_are_there() -> None:
    """Numbered without a gap, each with what is done, and by which test or switch that is shown."""
    table = rows("The 43 contradictions")
    assert [row[0] for row in table] == [str(number) for number in range(1, 44)]
    assert [row[0] for row in table if not re.search(r"`test_|switch", row[3])] == ["42"]
