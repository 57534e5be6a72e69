"""Signs of life in a log: when they come, what they say, and that short runs have none."""

from __future__ import annotations

import argparse
import re
from io import StringIO

import pytest
from engine.exchange import HEALTH, MovedClock, says
from engine.world import World, playbook

from runner.record.events import Waiting
from runner.redact import Redactor, Secret
from runner.reporters.live import LiveView
from runner.reporters.pulse import wait
from runner.reporters.terminal import Streams, reporter_for

POLL = """
  - id: it
    title: Look
    action: check_health
    repeat: {until: result.status == 'done', every: 2s, within: 5m}
"""
WAIT = "  - {id: pause, title: Pause, action: wait, with: {for: FOR}}"
LOOP = "  - {id: each, title: Each, action: wait, for_each: [a, b, c, d], with: {for: 9s}}"


def lines_of(world: World, steps: str) -> list[str]:
    """A log's lines without the heading and the summary."""
    out = StringIO()
    options = argparse.Namespace(quiet=False, verbose=False, no_color=True)
    streams = Streams(out, StringIO())
    world.listeners.append(reporter_for(options, world.redactor, silent=False, streams=streams, clock=world.clock))
    world.run(playbook(steps))
    return [re.sub(r"  +", "  ", line).rstrip() for line in out.getvalue().splitlines()[1:-1]]


def test_poll(world: World) -> None:
    """After 10 s, 30 s and each minute: how long, how often, how long still, and what it waits for."""
    world.wire.plan(HEALTH, *[says(200, {"status": "busy"})] * 40, says(200, {"status": "done"}))
    told = lines_of(world, POLL)
    assert told[0] == "  it  Look"
    assert told[1] == "  12:00:10Z  it  polling for 10 s, 6 tries, 4 min 50 s left: until result.status == 'done'"
    assert [each.split(",")[0].partition("polling ")[2] for each in told[1:-1]] == ["for 10 s", "for 30 s", "for 60 s"]
    assert told[-1].startswith("  it  Look  ✔ ")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (WAIT.replace("FOR", "9s"), []),
        (WAIT.replace("FOR", "40s"), ["  12:00:00Z  pause  waiting 40 s"]),
        (WAIT.replace("FOR", "5m"), ["  12:00:00Z  pause  waiting 5 min 0 s"]),
    ],
    ids=["short", "long", "minutes"],
)
def test_wait(steps: str, said: list[str], world: World) -> None:
    """A long one is told as it begins; the step's line is then written whole when it ends."""
    told = lines_of(world, steps)
    assert [each[: len(said[0])] for each in told[1:-1]] == said if said else len(told) == 1
    assert told[-1].startswith("  pause  Pause  ✔ ")


def test_loop(world: World) -> None:
    """How far it is, and which item is under way."""
    told = lines_of(world, LOOP)
    assert told[1:-1] == [
        "  12:00:18Z  each  at work for 18 s  2 of 4",
        "  12:00:36Z  each  at work for 36 s  4 of 4",
    ]


def test_live_counts_down() -> None:
    """On a terminal a wait's line says what is left of it, and a poll's what it waits for."""
    event = Waiting("it", "for the next look", 5, "result.done", 3, 10, 50)
    assert wait(event, 2.0) == "polling for 12 s, 3 tries, 48 s left: until result.done"
    assert [wait(Waiting("it", "for it", 5), gone) for gone in (0, 3, 6)] == [
        f"waiting {left} for it" for left in ("5 s", "2 s", "0 s")
    ]


def test_live_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made anew each time that it is shown."""
    shown: list[object] = []
    clock = MovedClock()
    view = LiveView(clock, color=False)
    monkeypatch.setattr(view, "_status", argparse.Namespace(update=shown.append, start=lambda: None))
    view.begin("it", "Look")
    view.waiting(lambda gone: wait(Waiting("it", "for it", 5), gone))
    clock.move(3)
    assert str(shown[-1]) == "it  Look  (waiting 2 s for it)"


def test_secrets(world: World) -> None:
    """What a sign says is redacted, and on one line."""
    out = StringIO()
    options = argparse.Namespace(quiet=False, verbose=False, no_color=True)
    redactor = Redactor([Secret("hunter2hunter2")])
    tell = reporter_for(options, redactor, silent=False, streams=Streams(out, out), clock=world.clock)
    tell(Waiting("it", "for\n::error::hunter2hunter2\x1b[2J", 40))
    assert out.getvalue() == "  12:00:00Z  it  waiting 40 s for ::error::**** [2J\n"
