"""What is known of each step before a run, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foresight.world import foreseen, usual
from runner.cli.main import dispatch
from runner.later import Later
from runner.venue.body import encoded

FIND = "  - {id: find, action: list_instruments, with: {limit: 1}, capture: {chosen: 'result.instruments[0]'}}\n"


def test_the_token_is_asked_for_once() -> None:
    """Before the first call that surely needs it, and before those that may come first."""
    found = foreseen(
        "  - {id: well, action: check_health}\n"
        "  - {id: perhaps, when: run.id != '', action: whoami}\n"
        "  - {id: sure, action: whoami}\n"
        "  - {id: after, action: whoami}\n"
    )
    asked = {
        name: [each.foreseen.when for each in usual(step) if each.operation is None] for name, step in found.items()
    }
    assert asked == {"well": [], "perhaps": ["unless there is a token yet"], "sure": [""], "after": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ chosen.symbol }}", "chosen.symbol, from step find"),
        ("{{ steps.find.result.instruments[0].symbol }}", "steps.find.result.instruments[0].symbol, from step find"),
        ("a-{{ chosen.symbol }}", "a-{{ chosen.symbol }}, from step find"),
        ("{{ run.id }}", "run.id, from the run"),
        ("{{ uuid() }}", "uuid(), from the run"),
    ],
    ids=["capture", "result", "text around", "run", "function"],
)
def test_where_a_value_comes_from(text: str, words: str) -> None:
    """A mark says what will stand there, and who makes it."""
    step = foreseen(f"{FIND}  - {{id: looked, action: get_settlement, with: {{symbol: '{text}'}}}}\n")["looked"]
    [request] = usual(step)
    assert request.request.url == f"/v1/instruments/<{words}>/settlement"
    assert not request.known


def test_values_that_a_step_names_are_known() -> None:
    """What `set` makes of inputs and constants is known to the steps behind it."""
    found = foreseen(
        "  - {id: named, action: set, with: {symbol: 'x-{{ inputs.end }}'},\n"
        "     capture: {twice: result.symbol ~ result.symbol}}\n"
        "  - {id: looked, action: get_instrument, with: {symbol: '{{ twice }}'}}\n"
        "  - {id: again, action: get_instrument, with: {symbol: '{{ steps.named.result.symbol }}'}}\n",
        head="inputs: {end: {type: string}}",
        end="y",
    )
    bodies = [encoded(usual(found[name])[-1].request.body) for name in ("looked", "again")]
    assert bodies == ['{"symbols":["x-yx-y"],"pageSize":1}', '{"symbols":["x-y"],"pageSize":1}']


def test_somebody_else_has_another_account() -> None:
    """The settings' account is their participant's alone; for another one it is looked up."""
    found = foreseen(
        "  - {id: ours, action: check_balance}\n"
        "  - {id: theirs, action: check_balance, participant: firms/F/users/other}\n"
    )
    ours, theirs = usual(found["ours"]), usual(found["theirs"])
    assert [each.request.body for each in ours[-1:]] == [{"name": "acc", "currency": "USD"}]
    assert [each.request.url for each in theirs] == [
        "/v1/accounts?user=firms%2FF%2Fusers%2Fother",
        "/v1/positions/balance",
    ]
    assert theirs[1].request.headers["x-participant-id"] == "firms/F/users/other"
    assert not theirs[1].known


def test_an_order_may_have_another_id_since_a_replace() -> None:
    """So it is not said to be known, though the playbook names it."""
    cancel = "{action: cancel_order, with: {order_id: abc, symbol: x}}"
    found = foreseen(
        f"  - {{id: before, {cancel[1:]}\n"
        "  - {id: replaced, action: replace_order, with: {order_id: abc, symbol: x, price: 0.02}}\n"
        f"  - {{id: behind, {cancel[1:]}\n"
    )
    first, last = (usual(found[name])[-3] for name in ("before", "behind"))
    assert encoded(usual(found["before"])[1].request.body) == '{"orderId":"abc","symbol":"x"}'
    assert usual(found["behind"])[0].request.body == {"orderId": Later("abc, or its id since a replace"), "symbol": "x"}
    assert (first.known, last.known) == (True, False)


def test_a_pinned_firm_is_asked_for() -> None:
    """Before what changes something, and only then."""
    order = "{symbol: x, side: buy, price: 0.01, quantity: 1}"
    steps = f"  - {{id: read, action: check_balance}}\n  - {{id: order, action: place_order, with: {order}}}\n"
    found = foreseen(steps, around={"firm_pinned": True})
    asked = {name: [each.request.url for each in usual(step)].count("/v1/whoami") for name, step in found.items()}
    assert asked == {"read": 0, "order": 1}


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("get_order_book, with: {symbol: '{{ 3 }}'}", "`symbol`: a text is wanted, not 3"),
        ("get_order_book, with: {symbol: '{{ \"..\" }}'}", "can't stand in the path"),
        ("whoami, participant: '{{ 5 }}'", "`participant` is a text"),
    ],
    ids=["argument", "path", "participant"],
)
def test_what_is_certain_to_fail(written: str, problem: str) -> None:
    """It is told, instead of requests that will never be sent."""
    step = foreseen(f"  - {{id: wrong, action: {written}}}\n")["wrong"]
    assert problem in step.performances[0].problem
    assert usual(step) == []


@pytest.mark.parametrize(
    ("condition", "goes"), [("inputs.n > 1", True), ("inputs.n > 5", False), ("run.id != ''", None)]
)
def test_conditions(condition: str, goes: bool | None) -> None:
    """Known from inputs, or only later; a step that is left out sends nothing."""
    text = f'  - {{id: one, when: "{condition}", action: check_health}}\n'
    step = foreseen(text, head="inputs: {n: {type: integer}}", n=3)["one"]
    assert step.goes is goes
    assert len(usual(step)) == (0 if goes is False else 1)


def test_an_included_playbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its steps come behind the one that includes it, with its own inputs, and count as often as it is performed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    Path("inner.yaml").write_text(
        "version: 1\nname: inner\ninputs: {symbol: {type: string}, price: {type: decimal}}\nsteps:\n"
        "  - id: order\n    action: place_order\n"
        "    with: {symbol: '{{ inputs.symbol }}', side: buy, price: '{{ inputs.price }}', quantity: 2}\n"
    )
    Path("outer.yaml").write_text(
        "version: 1\nname: outer\ninputs: {symbol: {type: string, default: not-this}}\n"
        "limits: {orders: 5, exposure: 5}\nsteps:\n"
        "  - {id: once, action: run_playbook, with: {path: inner.yaml, inputs: {symbol: x, price: 0.25}}}\n"
        "  - id: thrice\n    for_each: [1, 2, 3]\n    action: run_playbook\n"
        "    with: {path: inner.yaml, inputs: {symbol: '{{ inputs.symbol }}', price: 0.5}}\n"
    )
    assert dispatch(["plan", "outer.yaml", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["path"] for each in found["steps"]] == ["once", "once/order", "thrice", "thrice/order"]
    once, thrice = (each for each in found["steps"] if each["money"])
    assert once["money"] == {"orders": 1, "exposure": "0.5"}
    assert thrice["money"]["orders"] == 3
    assert '"symbols":["x"]' in [each["body"] for each in once["requests"]][1]
    assert "not-this" not in json.dumps(once)
    [insert] = [each for each in found["rate_limits"] if each["operations"] == ["insert_order"]]
    assert insert["most"] == 4
