"""What a run says of itself, whole: on stdout as it goes, and as the summary of a quiet run."""

from __future__ import annotations

import argparse
import re

import pytest
from engine.exchange import CANCEL, HEALTH, OPEN, first, lost_before, says
from engine.world import FAILING, ORDER, Ran, World, playbook

from runner.reporters.live import LiveView
from runner.reporters.terminal import StepReporter, reporter_for

CHECKLIST = """
  - {id: good, action: whoami}
  - {id: bad, title: Compare, help: Ask the desk., action: whoami, expect: [{check: result.firm == "x", title: Ours}]}
  - {id: gone, action: whoami, when: false, capture: {firm: result.firm}}
  - {id: later, action: log, with: {message: "{{ firm }}"}}
  - {id: down, action: check_health, retry: {attempts: 1, backoff: 1s}}
  - {id: soft, action: assert, severity: advisory, with: {that: [1 == 2]}}
  - {id: said, action: log, with: {message: a note}}
  - {id: far, action: http, with: {method: GET, url: "https://other.example/"}}
"""
SAID = """\
tried · sandbox (127.0.0.1) · as firms/ISV-Participant-Acme/users/alice · account firms/ISV-Acme/accounts/7QK2M9XW4TZC
  good           Verify who we are                  ✔ 10 ms  firms/ISV-Participant-Acme/users/alice
  bad            Compare                            ✘ 5 ms  firms/ISV-Participant-Acme/users/alice
    check     Ours
    expected  result.firm == "x"
    because   result.firm is "ISV-Participant-Acme"
    at        playbooks/tried.yaml:7:85
    help      Ask the desk.
  gone           Verify who we are                  – skipped
  later          Say something                      – blocked by gone
  down           Check the venue's health           ✘ 5 ms  errored
    error     the venue is in trouble: 503 made up: 503
    help      the venue's status page: https://status.polymarketexchange.com
  soft           Check conditions                   ! 0 ms  advisory
    expected  1 == 2
    at        playbooks/tried.yaml:11:66
  said           Say something                      ✔ 0 ms
    note      a note
  far            Make a call                        ✘ 0 ms  refused
    error     `other.example` is not in `allow_hosts`
    help      name it in the playbook (allow_hosts: [hooks.example.com]); a call to the venue has a `path`
refused: 2 of 8 steps passed in 20 ms, exit 5
"""


def told(ran: Ran, world: World, **options: bool) -> None:
    """Let a reporter tell a run."""
    given = argparse.Namespace(**({"quiet": False, "verbose": False, "no_color": True} | options))
    reporter = reporter_for(given, world.redactor, silent=False)
    for event in ran.events:
        reporter(event)


def test_checklist(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a step as it ends, with details only where something failed or was learned, then a summary."""
    world.wire.plan(HEALTH, says(503))
    told(world.run(playbook(CHECKLIST, head="defaults: {on_failure: continue}")), world)
    written = capsys.readouterr()
    assert re.sub(r" +\n", "\n", written.out) == SAID
    assert written.err == ""


def test_owed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What is owed is said with the order's id, symbol, participant, last state, and what to do."""
    world.wire.plan(HEALTH, first(lambda: world.wire.always.update({CANCEL: says(403), OPEN: lost_before})))
    told(world.run(playbook(ORDER + "\n  - {id: health, action: check_health}")), world)
    lines = capsys.readouterr().out.splitlines()
    order = world.wire.orders()[0]
    assert lines[-3].startswith(f"STILL OWED after order: order {order['id']} (client order id {order['clordId']}, ")
    assert lines[-2].startswith("    help      look for the order now")
    assert lines[-1].startswith("in doubt: 2 steps in ")
    assert lines[-1].endswith(f", order {order['id']} new, exit 4")


@pytest.mark.parametrize("steps", [ORDER, ORDER + FAILING], ids=["good", "failed"])
def test_quiet(steps: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A quiet run says nothing when it passed, else what went wrong, on stderr."""
    ran = world.run(playbook(steps))
    told(ran, world, quiet=True)
    written = capsys.readouterr()
    assert written.out == ""
    assert bool(written.err) == (ran.exit_code != 0)
    assert (ran.exit_code == 0) or "✘ wrong  0 ms" in written.err


def test_line_begins_before_its_request(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A step's line is there before its request is sent, so that a hang has a name."""
    seen: list[str] = []
    options = argparse.Namespace(quiet=False, verbose=False, no_color=True)
    world.listeners.append(reporter_for(options, world.redactor, silent=False))
    world.wire.plan(HEALTH, first(lambda: seen.append(capsys.readouterr().out)))
    world.run(playbook("  - {id: health, action: check_health}"))
    assert seen[0].splitlines()[-1].startswith("  health         Check the venue's health")


LONG = "".join(f"  - {{id: good_{each}, action: log, with: {{message: well}}}}\n" for each in range(10))
RECAP = """\

3 steps to look at:
  ✘ bad            Compare
    why       Ours
    to do     Look at the contract, and if that says nothing ask the desk;
              its number is there.
  ✘ down           Check the venue's health
    why       the venue is in trouble: 503 made up: 503
    blocks    later
    to do     the venue's status page: https://status.polymarketexchange.com
  ! soft           Check conditions  (advisory)
    why       1 == 2

errored: 10 of 14 steps passed in """
WRONG = """
  - id: bad
    title: Compare
    help: Look at the contract, and if that says nothing ask the desk; its number is there.
    action: whoami
    expect: [{check: result.firm == "x", title: Ours}]
  - id: down
    help: It is never so.
    action: check_health
    retry: {attempts: 1, backoff: 1s}
    capture: {said: result.status}
  - {id: later, action: log, with: {message: "{{ said }}"}}
  - {id: soft, action: assert, severity: advisory, with: {that: [1 == 2]}}
"""


def test_a_long_run_says_at_its_end_what_went_wrong(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each cause once: why, what it blocks, what to do; a run that fits a screen has no need of that."""
    head = "defaults: {on_failure: continue}"
    world.wire.always[HEALTH] = says(503)
    told(world.run(playbook(LONG + WRONG, head=head)), world)
    assert RECAP in capsys.readouterr().out
    told(world.run(playbook(WRONG, head=head)), world)
    assert "to look at" not in capsys.readouterr().out


ONE_CAUSE = """
  - {id: bad, action: whoami, help: Ask the desk., expect: [result.firm == "x"], capture: {firm: any(result).gone}}
  - {id: later, action: log, help: Not this., with: {message: "{{ firm }}"}}
  - {id: last, action: log, help: Nor this., with: {message: "{{ firm }}"}}
"""


@pytest.mark.parametrize("options", [{"quiet": False}, {"quiet": True}], ids=["plain", "quiet"])
def test_help_stands_once_where_the_step_failed(
    options: dict[str, bool], world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """What to do is told of the cause, on whichever stream it is told; what it blocks did not fail itself."""
    head = "defaults: {on_failure: continue}"
    told(world.run(playbook(ONE_CAUSE, head=head)), world, **options)
    written = capsys.readouterr()
    text = written.err if options["quiet"] else written.out
    assert text.count("    help      Ask the desk.\n") == 1
    assert text.count("blocked by bad") == 2
    assert "this." not in text


def test_help_in_the_live_view(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The view that moves tells it in the same place."""
    reporter = StepReporter(LiveView(world.clock, color=False), world.redactor, verbose=False)
    for event in world.run(
        playbook('  - {id: bad, action: assert, help: Ask the desk., with: {that: ["1 == 2"]}}')
    ).events:
        reporter(event)
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    at = shown.index("help      Ask the desk.")
    assert shown[at - 1].startswith("at        playbooks/tried.yaml:")
