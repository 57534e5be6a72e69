"""Pins at run time: nothing is changed as somebody who is not pinned, and nothing that is owed waits for them."""

from __future__ import annotations

import pytest
from sandbox.bench import ALICE, BOB

from engine.conftest import Worlds
from engine.exchange import CANCEL, INSERT, WHOAMI, says
from engine.world import FAILING, ORDER, playbook
from runner.record.events import CallMade, OrderLost
from runner.sandbox import world as sandbox_world
from runner.settings import PinSettings, Setting

FIRM = sandbox_world.PARTICIPANT_FIRM
TWO_ORDERS = ORDER + ORDER.replace("id: order", "id: second").replace("order_id: result", "second_id: result").replace(
    "{{ order_id }}", "{{ second_id }}"
)


def pins(**names: str) -> PinSettings:
    return PinSettings(**{name: Setting((value,), "pmx.yaml:7:12") for name, value in names.items()})


@pytest.mark.parametrize("firm", [FIRM, f"firms/{FIRM}"])
def test_the_right_firm_is_looked_up_once(firm: str, worlds: Worlds) -> None:
    """One whoami before the first change, none after it; however the firm is written."""
    world = worlds(pins=pins(firms=firm))
    ran = world.run(playbook(TWO_ORDERS))
    assert (ran.exit_code, world.wire.count(WHOAMI), world.wire.count(INSERT)) == (0, 1, 2)
    assert [each.url.rpartition("/")[2] for each in ran.of(CallMade)].index("whoami") < 10


def test_without_pins_nobody_is_asked(worlds: Worlds) -> None:
    """No call that the playbook didn't ask for."""
    world = worlds()
    assert world.run(playbook(ORDER)).exit_code == 0
    assert world.wire.count(WHOAMI) == 0


def test_a_playbook_that_only_reads_is_not_held_up(worlds: Worlds) -> None:
    """The firm counts for what changes something."""
    world = worlds(pins=pins(firms="Somebody"))
    assert world.run(playbook("  - {id: open, action: list_open_orders}")).exit_code == 0
    assert world.wire.count(WHOAMI) == 0


def test_another_firm_sends_no_order(worlds: Worlds) -> None:
    """Exit 5, the pin's place is named, the order is known not to have been sent, and nothing is owed."""
    world = worlds(pins=pins(firms="Somebody-Else"))
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.status, world.wire.count(INSERT), world.wire.count(CANCEL)) == (5, "refused", 0, 0)
    assert f"`{FIRM}`, and this environment pins Somebody-Else" in ran.error("order")
    assert [each.verdict for each in ran.of(OrderLost)] == ["not_sent"]
    finished = ran.step("order").finished
    assert finished is not None
    assert finished.error is not None
    assert "pmx.yaml:7:12" in finished.error.help


@pytest.mark.parametrize(
    ("fault", "exit_code"),
    [(says(503), 3), (says(403), 5), (says(429), 0), (says(401), 0)],
    ids=["503", "403", "429", "401"],
)
def test_who_we_are_can_not_be_told(fault: object, exit_code: int, worlds: Worlds) -> None:
    """No order leaves before it is told; trouble with the look is no doubt about the order."""
    world = worlds(pins=pins(firms=FIRM))
    world.wire.plan(WHOAMI, fault)  # type: ignore[arg-type]
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(INSERT)) == (exit_code, 0 if exit_code else 1)
    assert world.wire.states() == ([] if exit_code else ["CANCELED"])


def test_the_action_whoami_sees_it_too(worlds: Worlds) -> None:
    """It fails at once, and what it saw needs no second look."""
    steps = "  - {id: me, action: whoami}" + ORDER
    world = worlds(pins=pins(firms="Somebody-Else"))
    ran = world.run(playbook(steps))
    assert (ran.exit_code, ran.statuses()) == (5, {"me": "refused", "order": "skipped"})
    world = worlds(pins=pins(firms=FIRM))
    assert world.run(playbook(steps)).exit_code == 0
    assert world.wire.count(WHOAMI) == 1


@pytest.mark.parametrize(("client", "exit_code"), [(sandbox_world.CLIENT_ID, 0), ("another-client", 5)])
def test_the_action_authenticate_sees_the_subject(client: str, exit_code: int, worlds: Worlds) -> None:
    """A token that was given to somebody else is refused."""
    ran = worlds(pins=pins(client_ids=client)).run(playbook("  - {id: token, action: authenticate}"))
    assert ran.exit_code == exit_code


def test_a_participant_that_is_known_late(worlds: Worlds) -> None:
    """One from a capture is held against the pins before the first call that carries it."""
    who = f"  - {{id: who, action: set, with: {{it: {BOB}}}, capture: {{who: result.it}}}}"
    steps = f'{who}{ORDER}    participant: "{{{{ who }}}}"\n'
    world = worlds(pins=pins(participants=ALICE))
    ran = world.run(playbook(steps))
    assert (ran.exit_code, world.wire.count(INSERT)) == (5, 0)
    assert f"the participant is `{BOB}`" in ran.error("order")


def test_cancels_are_never_held_up(worlds: Worlds) -> None:
    """What is owed is paid although the venue names another firm by then, and no look is asked for."""
    world = worlds(pins=pins(firms=FIRM, participants=ALICE))
    ran = world.run(playbook(ORDER + FAILING))
    assert (ran.exit_code, world.wire.count(WHOAMI)) == (1, 1)
    assert world.wire.states() == ["CANCELED"]


def test_the_look_uses_up_no_request(worlds: Worlds) -> None:
    """A limit that sufficed without pins suffices with them."""
    needed = worlds()
    assert needed.run(playbook(ORDER, head="limits: {requests: 2}")).exit_code == 0
    assert worlds(pins=pins(firms=FIRM)).run(playbook(ORDER, head="limits: {requests: 2}")).exit_code == 0
