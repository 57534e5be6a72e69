"""Acting for users: the bundled playbook, and that one user of a firm neither sees nor touches what is another's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sandbox.bench import ALICE

from engine.conftest import Worlds
from engine.exchange import CANCEL, INSERT, OPEN, SEARCH
from engine.people import START, onboard
from engine.world import SYMBOL, Ran, World, plan_of, playbook
from runner.sandbox.gateway.dialect import PUBLISHED, SEED, Dialect

BUNDLED = (Path(__file__).parents[2] / "playbooks" / "on-behalf-of.yaml").read_text(encoding="utf-8")
FUND = "POST /sandbox/accounts/fund"
USER = "firms/ISV-Participant-Acme/users/{}"
DIALECTS = pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])


def two_users() -> str:
    """Two people become users and are funded, and the first one has an order resting."""
    steps = ""
    for name in ("ann", "ben"):
        steps += onboard(
            id=name, external_id=name, more=f"capture: {{{name}: result.participant_id, of_{name}: result.account}}"
        )
        steps += f"""  - id: fund_{name}
    action: http
    with: {{method: POST, path: /sandbox/accounts/fund, body: {{account: "{{{{ of_{name} }}}}", dollars: 50}}}}
"""
    return f"""{steps}
  - id: order
    action: place_order
    participant: "{{{{ ann }}}}"
    with: {{symbol: {SYMBOL}, side: buy, price: 0.5, quantity: 10, account: "{{{{ of_ann }}}}"}}
    capture: {{order_id: result.order.id}}
    cleanup: {{action: cancel_order, with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}}}
"""


def on_behalf_of(world: World, **inputs: str) -> Ran:
    return world.perform(plan_of(BUNDLED, inputs))


@DIALECTS
def test_the_bundled_playbook(dialect: Dialect, worlds: Worlds) -> None:
    """Person, user, account, money, order, positions, cancel: all of it passes, and no order is left open."""
    world = worlds(dialect=dialect)
    ran = on_behalf_of(world)
    assert set(ran.statuses().values()) == {"passed"}, ran.error("user")
    assert ran.exit_code == 0
    assert ran.result.finished is not None
    outputs = ran.result.finished.outputs
    assert outputs["participant_id"] == USER.format("pmx-on-behalf-of")
    assert ran.intended[0].account == outputs["account"]
    assert {each.headers.get("x-participant-id") for each in world.wire.of(INSERT)} == {outputs["participant_id"]}
    assert [each.state for each in ran.result.orders] == ["ORDER_STATE_CANCELED"]


def test_the_bundled_playbook_again(world: World) -> None:
    """Goes on with the user of the first time, whose money is still there."""
    first = on_behalf_of(world)
    again = on_behalf_of(world)
    assert again.exit_code == 0
    assert again.statuses()["fund"] == "skipped"
    assert again.captured("user") == first.captured("user")


def test_money_is_somebody_elses_affair_elsewhere(world: World) -> None:
    """Where the sandbox's switch is not, the step is left out, and a person is told whom to ask; nothing is ordered."""
    elsewhere = BUNDLED.replace("://127.0.0.1:", "://sandbox.example:")
    ran = world.perform(plan_of(elsewhere))
    assert (ran.exit_code, ran.statuses()["fund"], ran.statuses()["funded"]) == (1, "skipped", "failed")
    assert (world.wire.count(FUND), world.wire.count(INSERT)) == (0, 0)
    assert f"fund {ran.captured('user')['account']}" in ran.step("funded").started.help


@DIALECTS
def test_users_do_not_see_each_other(dialect: Dialect, worlds: Worlds) -> None:
    """Neither among open orders nor in a search by id, and the account's money is refused."""
    world = worlds(dialect=dialect)
    mine = 'order_id in result.orders | map(attribute="id")'
    steps = f"""{two_users()}
  - {{id: own, action: list_open_orders, participant: "{{{{ ann }}}}", expect: ['{mine}']}}
  - {{id: other, action: list_open_orders, participant: "{{{{ ben }}}}", expect: ['result.orders == []']}}
  - id: searched
    action: search_orders
    participant: "{{{{ ben }}}}"
    with: {{order_id: "{{{{ order_id }}}}"}}
    expect: ['result.orders == []']
  - id: money
    action: check_balance
    participant: "{{{{ ben }}}}"
    with: {{account: "{{{{ of_ann }}}}"}}
    on_failure: continue
  - {{id: still, action: list_open_orders, participant: "{{{{ ann }}}}", expect: ['{mine}']}}
"""
    ran = world.run(playbook(steps))
    passed = {"own", "other", "searched", "still"}
    assert {id for id in passed if ran.statuses()[id] != "passed"} == set()
    assert ran.statuses()["money"] == "failed"
    assert "403" in ran.error("money")


@DIALECTS
def test_users_do_not_cancel_each_other(dialect: Dialect, worlds: Worlds) -> None:
    """The cancel is refused as if the order did not exist, and it goes on resting."""
    world = worlds(dialect=dialect)
    steps = f"""{two_users()}
  - id: theft
    action: cancel_order
    participant: "{{{{ ben }}}}"
    with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}
    on_failure: continue
  - id: still
    action: check_order
    participant: "{{{{ ann }}}}"
    with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}
    expect: [result.order.state == "ORDER_STATE_NEW"]
"""
    ran = world.run(playbook(steps))
    assert (ran.statuses()["theft"], ran.statuses()["still"]) == ("failed", "passed")
    assert "404" in ran.error("theft")
    assert ran.cleanups == [("order", "done")]
    by = [each.headers["x-participant-id"] for each in world.wire.of(CANCEL)]
    assert (by[0], by[-1]) == (USER.format("ben"), USER.format("ann"))


def test_orders_are_on_the_own_account(world: World) -> None:
    """One user's order on another's account is refused."""
    steps = two_users().replace('quantity: 10, account: "{{ of_ann }}"', 'quantity: 10, account: "{{ of_ben }}"')
    ran = world.run(playbook(steps))
    assert ran.exit_code == 1
    assert ran.statuses()["order"] == "failed"


WRONG = {
    "another firm": ("firms/ISV-Participant-Other/users/alice", "cross-firm access"),
    "the clearing firm": ("firms/ISV-Acme/users/alice", "cross-firm access"),
    "nobody": ("firms/ISV-Participant-Acme/users/nobody", "unknown participant"),
    "bare": ("alice", "cross-firm access"),
}


@DIALECTS
@pytest.mark.parametrize(("participant", "said"), WRONG.values(), ids=WRONG)
def test_wrong_participant(participant: str, said: str, dialect: Dialect, worlds: Worlds) -> None:
    """403 with the venue's words and what to do; it is sent exactly as it was given, and nothing is ordered."""
    world = worlds(dialect=dialect)
    step = f"  - {{id: it, action: list_open_orders, participant: {participant}}}"
    ran = world.run(playbook(step))
    assert (ran.exit_code, ran.statuses()) == (1, {"it": "failed"})
    assert ran.error("it") == f"the venue refused: 403 permission denied: {said}"
    assert [each.headers["x-participant-id"] for each in world.wire.of(OPEN)] == [participant]


def test_the_settings_participant_is_not_meant(world: World) -> None:
    """A step that names a user acts for that one alone, its cleanup and its reading back, too."""
    ran = world.run(playbook(two_users()))
    assert ran.exit_code == 0
    acting = {
        each.headers.get("x-participant-id") for name in (INSERT, CANCEL, OPEN, SEARCH) for each in world.wire.of(name)
    }
    assert acting == {USER.format("ann")}
    assert ALICE not in acting
    assert world.wire.count(START) == 2
