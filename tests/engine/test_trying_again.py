"""Trying again: which steps, for which reasons, how often and after how long; polling; time limits."""

from __future__ import annotations

import pytest

from engine.exchange import (
    CANCEL,
    HEALTH,
    INSERT,
    OPEN,
    TOKEN,
    WHOAMI,
    Fault,
    changed,
    hangs,
    lost_before,
    says,
    unconnected,
)
from engine.world import ORDER, SYMBOL, World, playbook
from runner.record.events import AttemptFailed

POLL = "  - {id: it, action: check_health, repeat: {until: result.status == 'done', every: 5s, within: 60s}EXTRA}"


def health(world: World, *words: str) -> None:
    """What the next looks at the health see."""
    world.wire.plan(HEALTH, *(says(200, {"status": word}) for word in words))


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [(lost_before, 3), (unconnected, 3), (says(503), 3), (says(429), 3), (says(400), 1), (says(404), 1)],
    ids=["lost", "unconnected", "503", "429", "400", "404"],
)
def test_reads_are_tried_again(fault: object, attempts: int, world: World) -> None:
    """A read is tried three times where no usable answer came, and once where the venue said no."""
    world.wire.always[WHOAMI] = fault  # type: ignore[assignment]
    ran = world.run(playbook("  - {id: it, action: whoami}"))
    finished = ran.step("it").finished
    assert finished is not None
    assert (world.wire.count(WHOAMI), finished.attempts) == (attempts, attempts)


@pytest.mark.parametrize(
    ("on", "fault", "attempts"),
    [
        ("[unreachable]", lost_before, 4),
        ("[unreachable]", says(503), 1),
        ("[server_error]", says(503), 4),
        ("[server_error]", says(429), 1),
        ("[rate_limited]", says(429), 4),
        ("[rate_limited]", lost_before, 1),
        ("[failed_check]", lost_before, 1),
    ],
)
def test_reasons(on: str, fault: object, attempts: int, world: World) -> None:
    """Only the reasons that `on` names are tried again; `attempts` counts the first."""
    world.wire.always[HEALTH] = fault  # type: ignore[assignment]
    world.run(playbook(f"  - {{id: it, action: check_health, retry: {{attempts: 4, backoff: 1s, on: {on}}}}}"))
    assert world.wire.count(HEALTH) == attempts


INSTRUMENT = "POST /v1/refdata/instruments"
REPLACE = "POST /v1/trading/orders/replace"
REPLACED = f"""
  - id: higher
    action: replace_order
    with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}, price: 0.6}}
"""
ALL = "\n  - {id: all, action: cancel_open_orders}"
NO_ANSWER = {"lost": lost_before, "unconnected": unconnected, "503": says(503), "429": says(429)}


@pytest.mark.parametrize("fault", NO_ANSWER.values(), ids=NO_ANSWER)
@pytest.mark.parametrize("operation", [TOKEN, INSTRUMENT])
def test_look_ups_before_an_order(operation: str, fault: Fault, world: World) -> None:
    """Nothing was sent yet: they are tried three times as a read is, and the order leaves once."""
    world.wire.plan(operation, fault, fault)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(operation), world.wire.count(INSERT)) == (0, 3, 1)
    assert any("a look-up is tried again" in each for each in ran.step("order").notes)


@pytest.mark.parametrize("operation", [TOKEN, INSTRUMENT])
def test_look_ups_before_an_order_that_fail_for_good(operation: str, world: World) -> None:
    """After three times the step ends, and neither is anything recorded nor was anything sent."""
    world.wire.always[operation] = lost_before
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(operation), world.wire.count(INSERT)) == (3, 3, 0)
    assert (ran.intended, ran.cleanups) == ([], [])


def test_look_ups_that_are_refused(world: World) -> None:
    """The venue's no is final, as with any read."""
    world.wire.plan(INSTRUMENT, says(404))
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(INSTRUMENT), world.wire.count(INSERT)) == (1, 1, 0)


def test_look_ups_within_the_step_s_time(world: World) -> None:
    """No wait is begun for which the step has not the time."""
    world.wire.plan(INSTRUMENT, says(429, retry_after="20"))
    ran = world.run(playbook(ORDER.replace("capture", "timeout: 15s\n    capture")))
    assert (ran.exit_code, world.wire.count(INSTRUMENT)) == (3, 1)
    assert world.clock.moved < 1


@pytest.mark.parametrize("fault", NO_ANSWER.values(), ids=NO_ANSWER)
def test_look_ups_before_a_replace(fault: Fault, world: World) -> None:
    """The order as it is before is read again, and the replace leaves once."""
    world.wire.plan(OPEN, None, fault, fault)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, world.wire.count(REPLACE), world.wire.states()) == (0, 1, ["CANCELED"])


@pytest.mark.parametrize("fault", NO_ANSWER.values(), ids=NO_ANSWER)
def test_look_ups_before_all_are_cancelled(fault: Fault, world: World) -> None:
    """The list of what is open is asked for again."""
    world.wire.plan(OPEN, None, fault, fault)
    ran = world.run(playbook(ORDER + ALL))
    assert (ran.statuses(), world.wire.states()) == ({"order": "passed", "all": "passed"}, ["CANCELED"])
    assert ran.cleanups == [("order", "not_needed")]


def test_full_jitter_doubles_up_to_30_seconds(world: World) -> None:
    """Each wait lies between zero and the back-off, which doubles each time and never exceeds 30 s."""
    world.wire.always[HEALTH] = lost_before
    text = "  - {id: it, action: check_health, timeout: 10m, retry: {attempts: 9, backoff: 2s, on: [unreachable]}}"
    most = [2, 4, 8, 16, 30, 30, 30, 30]
    found = []
    for _ in range(12):
        ran = world.run(playbook(text))
        found.append([each.wait for each in ran.of(AttemptFailed)])
    for at, bound in enumerate(most):
        waits = [each[at] for each in found]
        assert max(waits) <= bound
        assert max(waits) > bound * 0.5
        assert min(waits) < bound * 0.5


def test_same_seed_same_waits(worlds: object) -> None:
    """The random generator is handed in: the same one gives the same course."""

    def waits() -> list[float]:
        world: World = worlds()  # type: ignore[operator]
        world.wire.always[HEALTH] = lost_before
        return [each.wait for each in world.run(playbook("  - {id: it, action: check_health}")).of(AttemptFailed)]

    assert waits() == waits()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(status: int, world: World) -> None:
    """What the venue asks for is waited, if the step's time allows."""
    world.wire.plan(HEALTH, says(status, retry_after="25"))
    ran = world.run(playbook("  - {id: it, action: check_health}"))
    assert (ran.exit_code, world.wire.count(HEALTH)) == (0, 2)
    assert 25 <= world.clock.moved < 26


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_beyond_the_timeout(status: int, world: World) -> None:
    """What would outlast the step is not waited for."""
    world.wire.plan(HEALTH, says(status, retry_after="25"))
    ran = world.run(playbook("  - {id: it, action: check_health, timeout: 20s}"))
    assert (ran.exit_code, world.wire.count(HEALTH)) == (3, 1)
    assert world.clock.moved < 1


def test_failed_check_is_tried_again(world: World) -> None:
    """With `failed_check` a step whose expectations do not hold is performed again; only the last look counts."""
    health(world, "bad", "bad")
    text = (
        "  - {id: it, action: check_health, expect: [result.status == 'ok'], "
        "retry: {attempts: 5, backoff: 1s, on: [failed_check]}}"
    )
    ran = world.run(playbook(text))
    assert (ran.exit_code, world.wire.count(HEALTH), len(ran.step("it").checks)) == (0, 3, 1)


@pytest.mark.parametrize("timeout", ["1m", "2s"], ids=["attempts over", "time over"])
def test_failed_check_to_the_end(timeout: str, world: World) -> None:
    """When attempts or time are over, the last look's checks are reported as they are."""
    health(world, *["bad"] * 9)
    text = (
        f"  - {{id: it, action: check_health, timeout: {timeout}, expect: [result.status == 'ok'], "
        "retry: {attempts: 4, backoff: 10s, on: [failed_check]}}"
    )
    ran = world.run(playbook(text))
    assert (ran.exit_code, ran.statuses()) == (1, {"it": "failed"})
    assert [(each.passed, each.because) for each in ran.step("it").checks] == [(False, 'result.status is "bad"')]


def test_http_is_not_tried_again_by_itself(world: World) -> None:
    """What `http` calls may change something elsewhere: it is repeated only where the playbook says so."""
    world.wire.always[HEALTH] = says(503)
    world.run(playbook("  - {id: it, action: http, with: {method: GET, path: /v1/health}}"))
    assert world.wire.count(HEALTH) == 1
    world.run(
        playbook(
            "  - {id: it, action: http, with: {method: GET, path: /v1/health}, "
            "retry: {attempts: 3, backoff: 10ms, on: [server_error]}}"
        )
    )
    assert world.wire.count(HEALTH) == 4


def test_poll_until_it_holds(world: World) -> None:
    """A poll looks every `every` until the condition holds, and goes on with the last look."""
    health(world, "a", "b", "done")
    ran = world.run(playbook(POLL.replace("EXTRA", ", capture: {last: result.status}")))
    assert (ran.exit_code, ran.captured("it")) == (0, {"last": "done"})
    assert [round(each.at) for each in world.wire.of(HEALTH)] == [0, 5, 10]


def test_poll_out_of_time(world: World) -> None:
    """Out of time is a failure that tells what was seen; checks and captures are those of the last look."""
    ran = world.run(playbook(POLL.replace("EXTRA", ", expect: [result.status == 'x'], capture: {last: result.status}")))
    assert (ran.exit_code, ran.statuses(), ran.captured("it")) == (1, {"it": "failed"}, {"last": "ok"})
    assert ran.error("it") == '`until` did not come true within 60 s: result.status is "ok"'
    assert len(ran.step("it").checks) == 1
    assert [round(each.at) for each in world.wire.of(HEALTH)][-1] in {55, 60}


@pytest.mark.parametrize("every", ["0s", "1ms", "3s"])
def test_poll_ends_however_often_it_looks(every: str, world: World) -> None:
    """`within` is the end of it, without a pause between the looks, too."""
    ran = world.run(playbook(POLL.replace("EXTRA", "").replace("5s", every).replace("60s", "2s")))
    assert (ran.exit_code, ran.statuses()) == (1, {"it": "failed"})
    assert world.clock.moved < 3


def test_poll_that_fails_for_a_moment(world: World) -> None:
    """A look that is not answered goes by the step's `retry`."""
    world.wire.plan(HEALTH, None, lost_before, lost_before, changed(lambda _: {"status": "done"}))
    assert world.run(playbook(POLL.replace("EXTRA", ""))).exit_code == 0
    assert world.wire.count(HEALTH) == 4


def test_poll_that_fails(world: World) -> None:
    """Then it fails the step."""
    world.wire.plan(HEALTH, None, says(403))
    ran = world.run(playbook(POLL.replace("EXTRA", "")))
    assert (ran.exit_code, world.wire.count(HEALTH)) == (1, 2)


def test_poll_extends_the_timeout(world: World) -> None:
    """`within` is added to the step's own time."""
    health(world, *["a"] * 10, "done")
    ran = world.run(playbook(POLL.replace("EXTRA", ", timeout: 10s")))
    assert ran.exit_code == 0
    assert world.clock.moved > 45


def test_timeout_of_a_step(world: World) -> None:
    """A step's time bounds its calls together; it ends as errored."""
    world.wire.always[WHOAMI] = hangs
    ran = world.run(playbook("  - {id: it, action: whoami, timeout: 20s}"))
    assert (ran.exit_code, ran.statuses()) == (3, {"it": "errored"})
    assert world.clock.moved <= 20.1


def test_default_timeout(world: World) -> None:
    """A step has 60 seconds, a call 15 of them."""
    world.wire.always[WHOAMI] = hangs
    ran = world.run(playbook("  - {id: it, action: whoami, retry: {attempts: 50, backoff: 10ms, on: [unreachable]}}"))
    assert ran.exit_code == 3
    assert 45 <= world.clock.moved <= 60.1
    assert world.wire.count(WHOAMI) in {5, 4}


def test_durations_may_be_templates(world: World) -> None:
    """Every length of time may be computed."""
    head = 'inputs:\n  long: {type: string, default: "3s"}'
    text = '  - {id: it, action: wait, timeout: "{{ inputs.long }}", with: {for: "{{ inputs.long }}"}}'
    assert world.run(playbook(text, head=head)).exit_code == 0
    assert world.clock.moved == pytest.approx(3)


def test_wait_extends_the_timeout(world: World) -> None:
    """Waiting on purpose does not use up the step's time."""
    assert world.run(playbook("  - {id: it, action: wait, timeout: 1s, with: {for: 10m}}")).exit_code == 0
    assert world.clock.moved == pytest.approx(600)


def test_cancel_may_be_repeated(world: World) -> None:
    """`cancel_order` asks again while the order is not over: it can only ever cancel once."""
    world.wire.plan(CANCEL, says(200, {}), lost_before)
    text = (
        ORDER
        + f"""
  - id: cancelled
    action: cancel_order
    with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}
    expect: [result.order.state == "ORDER_STATE_CANCELED"]
"""
    )
    ran = world.run(playbook(text))
    assert (ran.exit_code, world.wire.states()) == (0, ["CANCELED"])
    assert world.wire.count(CANCEL) == 3
