"""A playbook in the midst of another: its names, limits, cleanups and end are its own, and the run is one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.conftest import Worlds
from engine.world import Agreeing, Ran, World, playbook
from runner.record.events import CallMade, CleanupDone, OrderIntended, StepFinished

PLACE = """
  - id: order
    action: place_order
    with: {symbol: SYMBOL, side: buy, price: "{{ inputs.price }}", quantity: 10}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}
"""
INPUTS = "inputs: {price: {type: decimal, default: 0.5}}"
OUT = "outputs: {order_id: order_id}"
OWN = """
  - id: own
    action: place_order
    with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 10}
    capture: {own_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ own_id }}", symbol: SYMBOL}}
"""
CALL = "  - {id: call, action: run_playbook, with: {path: place.yaml}}\n"
AFTER = "  - {id: after, action: log, with: {message: after}}\n"


def run(world: World, steps: str, included: str, **around: str) -> Ran:
    """A playbook of ``steps`` that may include ``place.yaml``, whose steps are ``included``."""
    world.files = {"place.yaml": playbook(included, head=around.pop("inner", INPUTS), tail=around.pop("end", ""))}
    return world.run(playbook(steps, **around))


def test_its_steps_are_the_runs(world: World) -> None:
    """They are told below their caller, see its inputs alone, and hand back what they promise."""
    steps = """
  - id: call
    action: run_playbook
    with: {path: place.yaml, inputs: {price: "{{ 0.1 + 0.2 }}"}}
    expect: [result.status == "passed", result.outputs.order_id != ""]
    capture: {id: result.outputs.order_id}
  - {id: after, action: check_order, with: {order_id: "{{ id }}", symbol: SYMBOL}, capture: {price: result.order.price}}
"""
    ran = run(world, steps, PLACE, end=OUT)
    assert ran.statuses() == {"call": "passed", "after": "passed"}
    assert ran.step("call/order").status == "passed"
    assert [each.path for each in ran.intended] == ["call/order"]
    assert ran.captured("after")["price"] == Decimal("0.3")
    assert ran.cleanups == [("call/order", "done")]
    assert {each.path for each in ran.of(CallMade)} >= {"call/order", "after"}


def test_what_it_owes_is_paid_at_the_runs_end(world: World) -> None:
    """Last owed first among all that the run owes, with the names of its own scope."""
    steps = OWN + CALL + AFTER
    ran = run(world, steps, PLACE)
    assert ran.cleanups == [("call/order", "done"), ("own", "done")]
    last = [each for each in ran.events if isinstance(each, (CleanupDone, StepFinished))]
    assert [type(each).__name__ for each in last[-2:]] == ["CleanupDone", "CleanupDone"]


def test_in_a_loop_each_is_its_own(world: World) -> None:
    """Paths, client order ids and captures of an item's steps are its own."""
    steps = """
  - id: call
    for_each: [0.2, 0.3]
    action: run_playbook
    with: {path: place.yaml, inputs: {price: "{{ item }}"}}
    capture: {ids: result.outputs.order_id}
"""
    ran = run(world, steps, PLACE, end=OUT)
    assert [each.path for each in ran.intended] == ["call[0]/order", "call[1]/order"]
    assert len({each.clord_id for each in ran.intended}) == 2
    assert [str(each.price) for each in ran.intended] == ["0.2", "0.3"]
    assert ran.cleanups == [("call[1]/order", "done"), ("call[0]/order", "done")]
    assert len(ran.captured("call")["ids"]) == 2


STATUSES = {
    "failed": ("  - {id: wrong, action: assert, with: {that: [1 == 2]}}", "failed", 1, "step `call/wrong` failed"),
    "errored": (
        "  - {id: wrong, action: wait, with: {for: '{{ environment.name }}'}}",
        "errored",
        3,
        "step `call/wrong` could not be carried out",
    ),
    "refused": (
        "  - {id: wrong, action: confirm, with: {message: Sure?}}",
        "refused",
        5,
        "step `call/wrong` was refused",
    ),
}


@pytest.mark.parametrize(("included", "status", "code", "message"), STATUSES.values(), ids=STATUSES)
def test_what_it_ends_with_its_step_ends_with(
    world: World, included: str, status: str, code: int, message: str
) -> None:
    """The step fails likewise and names the first that did; its result can be looked at all the same."""
    checked = CALL.replace("}}", f"}}, expect: ['result.status == \"{status}\"']}}")
    ran = run(world, checked + AFTER, included + "\n" + AFTER, inner="")
    assert (ran.statuses(), ran.exit_code) == ({"call": status, "after": "skipped"}, code)
    assert ran.error("call") == message
    assert [each.passed for each in ran.step("call").checks] == [True]
    assert ran.step("call/after").status == "skipped"


def test_a_failure_inside_goes_by_the_rules_inside(world: World) -> None:
    """`defaults` of the included playbook hold in it and not outside, and the other way round."""
    inside = "  - {id: wrong, action: assert, with: {that: [1 == 2]}}\n" + AFTER
    ran = run(world, CALL + AFTER, inside, inner="defaults: {on_failure: continue}")
    assert (ran.step("call/after").status, ran.step("after").status) == ("passed", "skipped")
    ran = run(world, CALL + AFTER, inside, inner="", head="defaults: {on_failure: continue}")
    assert (ran.step("call/after").status, ran.step("after").status) == ("skipped", "passed")


def test_an_advisory_one_does_not_fail_the_run(world: World) -> None:
    """As with any other step."""
    ran = run(world, CALL.replace("id: call", "id: call, severity: advisory"), STATUSES["failed"][0], inner="")
    assert (ran.status, ran.step("call").status) == ("passed", "advisory")


def test_its_finally_comes_when_its_steps_have_ended(world: World) -> None:
    """Also after a failure, and before the caller goes on."""
    tail = "finally:\n  - {id: tidy, action: log, with: {message: tidied}}"
    ran = run(
        world,
        CALL.replace("id: call", "id: call, on_failure: continue") + AFTER,
        STATUSES["failed"][0],
        inner="",
        end=tail,
    )
    ended = [each.path for each in ran.of(StepFinished)]
    assert ended == ["call/wrong", "call/finally.tidy", "call", "after"]


def test_after_a_signal_its_finally_and_its_cleanups_are_performed(world: World) -> None:
    """And nothing else begins; the run is interrupted."""
    tail = "finally:\n  - {id: tidy, action: log, with: {message: tidied}}"
    world.listeners.append(lambda event: world.terminate() if isinstance(event, OrderIntended) else None)
    ran = run(world, CALL + AFTER, PLACE + AFTER, end=tail)
    assert (ran.status, ran.exit_code) == ("interrupted", 143)
    assert ran.step("call/after").status == "skipped"
    assert ran.step("call/tidy").status == "passed"
    assert ran.cleanups in ([("call/order", "done")], [("call/order", "not_needed")])
    assert ran.error("call") == "interrupted by SIGTERM"


def test_the_callers_limits_count_everything(world: World) -> None:
    """One order too many is refused, whoever sends it; what was sent is cleaned up."""
    loop = CALL.replace("id: call", "id: call, for_each: '[1, 2] | map(\"int\") | list if run.id else []'")
    ran = run(world, loop, PLACE, head="limits: {orders: 1, exposure: 50}")
    assert (ran.status, ran.exit_code) == ("refused", 5)
    assert [each.path for each in ran.intended] == ["call[0]/order"]
    assert ran.cleanups == [("call[0]/order", "done")]


def test_its_own_limits_count_what_it_does_itself(world: World) -> None:
    """Each time that it is performed; what others do in the run is none of its business."""
    loop = CALL.replace("id: call", "id: call, for_each: [1, 2]")
    limits = f"{INPUTS}\nlimits: {{orders: 1, exposure: 5, requests: 6}}"
    ran = run(world, OWN + loop, PLACE, inner=limits)
    assert ran.status == "passed"
    assert len(ran.intended) == 3
    more = OWN.replace("id: own", "id: more\n    when: run.id != ''")
    ran = run(world, CALL, PLACE + more, inner=limits.replace("exposure: 5", "exposure: 50"))
    assert (ran.status, ran.exit_code) == ("refused", 5)
    assert "orders in one run of `call`, and the limit `orders` is 1" in ran.error("call/more")
    assert ran.cleanups == [("call/order", "done")]


def test_its_limit_on_requests(world: World) -> None:
    """Counts its own calls alone."""
    asks = "  - {id: ask, for_each: [1, 2, 3], action: check_health}\n"
    ran = run(world, asks + CALL, asks, inner="limits: {requests: 2}")
    assert ran.step("ask").status == "passed"
    assert (ran.step("call").status, ran.step("call/ask").status) == ("refused", "refused")


def test_an_environment_that_it_does_not_allow(world: World) -> None:
    """Is refused before anything is sent; where it is included under a condition, only when it is its turn."""
    inner = "limits: {environments: [prod]}"
    ran = run(world, "  - {id: ask, action: check_health}\n" + CALL, AFTER, inner=inner)
    assert (ran.exit_code, ran.of(CallMade)) == (5, [])
    careful = CALL.replace("id: call", "id: call, when: environment.name == 'prod'")
    assert run(world, careful, AFTER, inner=inner).exit_code == 0
    careless = CALL.replace("id: call", "id: call, when: environment.name != 'prod'")
    assert run(world, careless, AFTER, inner=inner).exit_code == 5


def test_a_host_must_be_allowed_by_both(world: World) -> None:
    """By the included playbook and by the one that includes it."""
    post = "  - {id: post, action: http, with: {method: GET, url: 'https://HOST/x'}}\n"
    for host, inner, outer, allowed in (
        ("a.example", "[a.example]", "[b.example]", False),
        ("a.example", "[b.example]", "[a.example]", False),
        ("a.example", "[a.example]", "[a.example]", True),
        ("a.example:81", "[a.example]", "['a.example:81']", True),
        ("a.example:82", "[a.example]", "['a.example:81']", False),
    ):
        ran = run(world, CALL, post.replace("HOST", host), inner=f"allow_hosts: {inner}", head=f"allow_hosts: {outer}")
        assert (ran.step("call/post").status != "refused") == allowed, (host, inner, outer)


def test_a_secret_stays_one(world: World) -> None:
    """Handed to a secret input it is seen by nobody."""
    inner = "inputs: {key: {type: string, secret: true}}"
    world.files = {"place.yaml": playbook("  - {id: kept, action: set, with: {key: '{{ inputs.key }}'}}", head=inner)}
    call = '  - {id: call, action: run_playbook, with: {path: place.yaml, inputs: {key: "{{ inputs.token }}"}}}'
    ran = world.run(playbook(call, head="inputs: {token: {type: string, secret: true}}"), secrets={"token": "hunter22"})
    assert ran.status == "passed"
    assert "hunter22" not in repr(ran.events)


def test_a_value_that_it_does_not_take(world: World) -> None:
    """Known only during the run, it fails the step, and nothing of the playbook is performed."""
    call = '  - {id: call, action: run_playbook, with: {path: place.yaml, inputs: {price: "{{ run.id }}"}}}'
    ran = run(world, call, PLACE)
    assert ran.error("call") == 'input `price`: a number is wanted, not "run-1"'
    assert (ran.status, ran.step("call").steps) == ("errored", ())


def test_it_has_no_time_limit_but_the_written_one(world: World) -> None:
    """Several waits are longer than a step may take; with `timeout` the rest is not begun."""
    waits = "".join(f"  - {{id: wait{at}, action: wait, with: {{for: 50s}}}}\n" for at in range(3))
    assert run(world, CALL, waits, inner="", head="defaults: {timeout: 10s}").status == "passed"
    timely = CALL.replace("id: call", "id: call, timeout: 70s")
    ran = run(world, timely, waits, inner="")
    assert [ran.step(f"call/wait{at}").status for at in range(3)] == ["passed", "errored", "skipped"]
    assert ran.status == "errored"


def test_a_playbook_in_a_playbook_in_a_playbook(world: World) -> None:
    """Paths tell all of the way."""
    inner = "  - {id: inner, action: run_playbook, with: {path: place.yaml}}"
    world.files = {"place.yaml": playbook(PLACE, head=INPUTS), "middle.yaml": playbook(inner)}
    outer = "  - {id: outer, action: run_playbook, with: {path: middle.yaml}}\n"
    ran = world.run(playbook(outer))
    assert [each.path for each in ran.intended] == ["outer/inner/order"]
    assert ran.step("outer/inner/order").status == "passed"
    assert ran.cleanups == [("outer/inner/order", "done")]


ASK = "  - {id: ask, action: confirm, with: {message: 'Go on with {{ run.id }}?'}}\n"


def test_a_person_is_asked(worlds: Worlds) -> None:
    """With the environment, the step and the message; a yes goes on, and the report tells who said it."""
    person = Agreeing()
    ran = worlds(person=person).run(playbook(ASK + AFTER))
    assert person.asked == ["sandbox (127.0.0.1) · ask: Go on with run-1?"]
    assert ran.statuses() == {"ask": "passed", "after": "passed"}
    assert ran.step("ask").finished.learned == "confirmed at the terminal"  # type: ignore[union-attr]


REFUSING: dict[str, tuple[dict[str, Any], str]] = {
    "a no": ({"yes": False}, "nobody agreed to go on: the answer was no"),
    "nobody there": ({"there": False}, "nobody can be asked to confirm this step"),
    "no answer": ({"yes": None}, "nobody answered within 600 s"),
}


@pytest.mark.parametrize(("person", "message"), REFUSING.values(), ids=REFUSING)
def test_nobody_agrees(worlds: Worlds, person: dict[str, Any], message: str) -> None:
    """The step is refused, the rest is not performed, and what is owed is paid."""
    ran = worlds(person=Agreeing(**person)).run(playbook(OWN + ASK + AFTER))
    assert (ran.exit_code, ran.error("ask")) == (5, message)
    assert ran.statuses() == {"own": "passed", "ask": "refused", "after": "skipped"}
    assert ran.cleanups == [("own", "done")]


def test_the_time_of_a_person_is_the_steps(worlds: Worlds) -> None:
    """Ten minutes, whatever `defaults` say of a step's time, or what is written."""
    for written, seconds, status in (("", 599, "passed"), (", timeout: 5s", 6, "refused"), ("", 601, "refused")):
        world = worlds()
        world.person = Agreeing(seconds=seconds, clock=world.clock)
        ran = world.run(playbook(ASK.replace("id: ask", f"id: ask{written}"), head="defaults: {timeout: 1s}"))
        assert ran.step("ask").status == status
