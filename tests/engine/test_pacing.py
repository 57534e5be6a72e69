"""The venue's rate limits are kept by waiting: told, within the step's time, and never in the way of a cleanup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sandbox.bench import BASE

from engine.conftest import Worlds
from engine.exchange import CANCEL, HEALTH, INSERT, SEARCH, TOKEN, first, lost_before, says
from engine.world import FAILING, ORDER, SYMBOL, Ran, World, playbook
from runner.journal.pacing import SharedBuckets
from runner.record.events import OrderLost, Waiting
from runner.venue.operations import OPERATIONS, Bucket, rate

OF_SEARCHES = OPERATIONS["search_orders"]


def searches(number: int, more: str = "") -> str:
    return "\n".join(f"  - {{id: s{n}, action: search_orders{more}}}" for n in range(number))


def paced(world: World, rates: Mapping[str, Bucket | None] | None = None) -> SharedBuckets:
    """The world keeps the limits; what is given back are the buckets as another process finds them."""
    buckets = SharedBuckets(None, BASE, "F", rates)
    world.pace = buckets
    return buckets


def use_up(world: World, buckets: SharedBuckets, calls: int, operation: str = "search_orders") -> None:
    """What other processes of the machine do."""
    for _ in range(calls):
        buckets.take(OPERATIONS[operation], world.clock.now().timestamp(), urgent=True, longest=0)


def told(ran: Ran) -> list[tuple[str, str, float]]:
    return [(each.path, each.reason, round(each.seconds, 1)) for each in ran.of(Waiting)]


LIMIT = "for the venue's rate limit of search_orders (12 a minute)"


def test_waits_are_told(world: World) -> None:
    """Ten searches go at once, the others wait five seconds each, and the venue never says 429."""
    paced(world)
    ran = world.run(playbook(searches(14)))
    assert (ran.exit_code, world.wire.count(SEARCH)) == (0, 14)
    assert told(ran) == [(f"s{n}", LIMIT, 5.0) for n in range(10, 14)]
    assert 19.5 < world.clock.moved < 21


def test_short_waits_are_told_together(world: World) -> None:
    """Waits of less than a second say nothing one by one, and something when they come to one."""
    paced(world, {"search_orders": rate("2/s")})
    ran = world.run(playbook(searches(9)))
    waits = told(ran)
    assert ran.exit_code == 0
    assert [path for path, *_ in waits] == ["s3", "s6"]
    assert all(reason.endswith("(2 a second)") and 0.4 < seconds <= 0.5 for _, reason, seconds in waits)


def test_nobody_waits_without_a_limit(world: World) -> None:
    """Neither where the venue states none, nor where the settings switch it off."""
    paced(world, {"search_orders": None})
    ran = world.run(playbook(searches(12) + "\n" + "\n".join(f"  - {{id: h{n}, action: whoami}}" for n in range(50))))
    assert (ran.exit_code, told(ran)) == (0, [])


def test_a_wait_beyond_the_step_s_time(world: World) -> None:
    """The step ends at once with exit 3 and names the limit; nothing was sent, and nothing was taken."""
    buckets = paced(world)
    use_up(world, buckets, 12)
    ran = world.run(playbook("  - {id: s, action: search_orders, timeout: 10s}"))
    assert (ran.exit_code, ran.statuses(), world.wire.count(SEARCH)) == (3, {"s": "errored"}, 0)
    assert ran.error("s") == (
        "search_orders would have to wait 15.0 s for the venue's rate limit of 12 a minute, "
        "and the step has 10.0 s left"
    )
    finished = ran.step("s").finished
    assert finished is not None
    assert finished.error is not None
    assert finished.error.kind == "rate_limited"
    assert "nothing was sent" in finished.error.help
    assert world.clock.moved < 1
    again = buckets.take(OF_SEARCHES, world.clock.now().timestamp(), urgent=True, longest=99)
    assert again is not None
    assert again.wait == pytest.approx(5.25, abs=0.1)


def test_what_has_no_turn_is_not_counted(world: World) -> None:
    """The playbook's limit on requests is for what was sent."""
    use_up(world, paced(world), 12)
    text = playbook(
        "  - {id: s, action: search_orders, timeout: 2s, on_failure: continue}\n  - {id: w, action: whoami}",
        head="limits: {requests: 1}",
    )
    assert world.run(text).statuses() == {"s": "errored", "w": "passed"}


def test_an_order_that_had_no_turn_was_not_sent(world: World) -> None:
    """Nothing is in doubt, nothing is owed."""
    buckets = paced(world, {"insert_order": rate("1/min")})
    use_up(world, buckets, 1, "insert_order")
    ran = world.run(playbook(ORDER.replace("action: place_order", "action: place_order\n    timeout: 5s")))
    assert (ran.exit_code, ran.cleanups, world.wire.count(INSERT)) == (3, [("order", "not_needed")], 0)
    assert ran.result.orders[0].state == "not_sent"


def test_an_interruption_ends_the_wait(world: World) -> None:
    """The call is not made, and its token is there for others."""
    buckets = paced(world)
    world.clock.at(2, world.terminate)
    ran = world.run(playbook(searches(12)))
    assert (ran.exit_code, world.wire.count(SEARCH)) == (143, 10)
    assert world.clock.moved < 2.1
    now = world.clock.now() + timedelta(seconds=3.1)
    free = buckets.take(OF_SEARCHES, now.timestamp(), urgent=False, longest=99)
    assert free is not None
    assert free.wait == 0


def test_an_order_is_not_sent_after_an_interruption(world: World) -> None:
    """A signal while an order waits for its turn: it stays unsent."""
    use_up(world, paced(world, {"insert_order": rate("6/min")}), 6, "insert_order")
    world.clock.at(2, world.terminate)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups, world.wire.count(INSERT)) == (143, [("order", "not_needed")], 0)


def test_a_cleanup_is_not_held_up(world: World) -> None:
    """It uses what is kept for it: its cancel and its look for the order's end go at once."""
    buckets = paced(world)
    use_up(world, buckets, 10)
    ran = world.run(playbook(ORDER + FAILING))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (1, [("order", "done")], ["CANCELED"])
    assert (told(ran), world.wire.count(SEARCH)) == ([], 1)
    assert world.clock.moved < 1


def test_a_cancel_waits_a_second_at_most(world: World) -> None:
    """However empty its bucket is, and whatever a 429 said before: then the venue is asked."""
    buckets = paced(world, {"cancel_order": rate("1/min")})
    use_up(world, buckets, 1, "cancel_order")
    buckets.limited(OPERATIONS["cancel_order"], world.clock.now().timestamp(), 300)
    ran = world.run(playbook(ORDER + FAILING))
    assert (ran.cleanups, world.wire.states()) == ([("order", "done")], ["CANCELED"])
    assert world.clock.moved < 2


def test_reconciling_uses_the_reserve(world: World) -> None:
    """An order whose answer was lost is looked for although ordinary work would have to wait."""
    use_up(world, paced(world), 10)
    world.wire.plan(INSERT, lost_before)
    ran = world.run(playbook(ORDER))
    assert ran.result.orders[0].state == "not_found"
    assert world.wire.count(SEARCH) == 5
    assert told(ran)[0][1].startswith("before looking again")
    assert not [reason for _, reason, _ in told(ran) if "rate limit" in reason]


@pytest.mark.parametrize(("header", "waited"), [({}, 15), ({"retry_after": "40"}, 40)], ids=["without", "with"])
def test_429_holds_back_other_processes(header: dict[str, str], waited: float, world: World) -> None:
    """The bucket is emptied, and shut as long as the venue asked for."""
    buckets = paced(world)
    world.wire.plan(SEARCH, says(429, **header))
    ran = world.run(playbook(searches(1)))
    assert (ran.exit_code, world.wire.count(SEARCH)) == (0, 2)
    assert world.clock.moved == pytest.approx(waited, abs=1)
    other = buckets.take(OF_SEARCHES, world.clock.now().timestamp(), urgent=True, longest=0)
    assert other is not None
    assert other.wait == 0


def test_429_of_an_operation_without_a_limit(world: World) -> None:
    """Nobody keeps one for it: the step's own patience counts."""
    paced(world)
    world.wire.plan(HEALTH, says(429, retry_after="25"))
    assert world.run(playbook("  - {id: it, action: check_health}")).exit_code == 0


def test_429_while_a_turn_is_waited_for(world: World) -> None:
    """Another process was answered 429 in the meantime: the wait goes on, or ends where the step's time does."""
    buckets = paced(world)

    def limited() -> None:
        buckets.limited(OF_SEARCHES, world.clock.now().timestamp(), 30)

    use_up(world, buckets, 10)
    world.clock.at(3, limited)
    assert world.run(playbook(searches(1))).exit_code == 0
    assert world.clock.moved == pytest.approx(33, abs=0.1)
    use_up(world, buckets, 10)
    world.clock.at(34, limited)
    ran = world.run(playbook(searches(1, ", timeout: 20s")))
    assert (ran.exit_code, world.wire.count(SEARCH)) == (3, 1)


def test_a_turn_is_asked_for_when_the_token_is_there(world: World) -> None:
    """Otherwise a call that fetches its token first would leave long after its turn."""
    buckets = paced(world)
    levels: list[float] = []

    def look() -> None:
        turn = buckets.take(OF_SEARCHES, world.clock.now().timestamp(), urgent=False, longest=0)
        assert turn is not None
        levels.append(turn.wait)

    use_up(world, buckets, 9)
    world.wire.plan(TOKEN, first(look))
    world.run(playbook(searches(1)))
    assert levels == [0.0]


def test_the_repeat_after_a_401_takes_its_own_turn(world: World) -> None:
    """It is one more call for the venue: where the bucket is empty by then, it waits."""
    use_up(world, paced(world), 9)
    world.wire.plan(SEARCH, says(401))
    ran = world.run(playbook(searches(1)))
    assert (ran.exit_code, world.wire.count(SEARCH)) == (0, 2)
    assert told(ran) == [("s0", LIMIT, 5.0)]


def test_an_order_refused_with_401_that_has_no_second_turn(world: World) -> None:
    """A 401 was not carried out: an order whose repeat has no turn in time was not sent, and nothing is looked for."""
    paced(world, {"insert_order": rate("1/min")})
    world.wire.plan(INSERT, says(401))
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(INSERT), world.wire.states()) == (3, 1, [])
    assert [each.verdict for each in ran.of(OrderLost)] == ["not_sent"]


def test_free_calls_take_their_turn_as_well(world: World) -> None:
    """`http` reaches the same buckets as the actions."""
    use_up(world, paced(world), 10)
    body = f"{{pageSize: 5, symbol: {SYMBOL}}}"
    path = SEARCH.split()[1]
    ran = world.run(playbook(f"  - {{id: it, action: http, with: {{method: POST, path: {path}, body: {body}}}}}"))
    assert told(ran) == [("it", LIMIT, 5.0)]


def test_a_cancel_that_is_limited(world: World) -> None:
    """A 429 on a cancel does not keep the next one from being asked."""
    paced(world)
    world.wire.plan(CANCEL, says(429, retry_after="60"))
    ran = world.run(playbook(ORDER + FAILING))
    assert (ran.cleanups, world.wire.states()) == ([("order", "done")], ["CANCELED"])
    assert world.clock.moved < 6


def test_worlds_of_one_machine(worlds: Worlds) -> None:
    """Two runs after one another, as cron starts them: the second waits for what the first used."""
    buckets = SharedBuckets(None, BASE, "F")
    one, two = worlds(pace=buckets), worlds(pace=buckets)
    assert told(one.run(playbook(searches(10)))) == []
    assert told(two.run(playbook(searches(1)))) == [("s0", LIMIT, 5.0)]
