"""Secrets show as `****`, and what the venue says stays the characters that it is, in every event, line and report."""

from __future__ import annotations

import argparse
import io
import json
import sys

import pytest
from sandbox.bench import symbol

from engine.exchange import WHOAMI, changed, says
from engine.world import Ran, World, playbook
from runner.record.codec import encode
from runner.reporters import json_report
from runner.reporters.terminal import reporter_for

MARKER = "sEcrEt-7f3a-mArkEr"
HEAD = """\
inputs:
  key: {type: string, secret: true}
  which: {type: string, default: key}
allow_hosts: [hooks.example]"""

HOSTILE = "{{ 7 * 7 }}"


def shown(ran: Ran, capture: pytest.CaptureFixture[str], world: World, verbose: bool = True) -> str:
    """All that anybody sees of a run: its events as JSON, its lines, its report."""
    options = argparse.Namespace(quiet=False, verbose=verbose, no_color=True)
    reporter = reporter_for(options, world.redactor, silent=False)
    for event in ran.events:
        reporter(event)
    written = capture.readouterr()
    events = json.dumps([encode(each) for each in ran.events], ensure_ascii=False)
    return "\n".join([events, written.out, written.err, json_report.text([ran.result])])


# Which of the inputs it is shows at run time only: what is sure to be a secret is refused before.
PLACES = {
    "with": "action: log, with: {message: 'it is {{ inputs[inputs.which] }}'}",
    "whole": "action: log, with: {message: '{{ inputs[inputs.which] }}'}",
    "set and captured": "action: set, with: {it: '{{ inputs[inputs.which] }}'}, capture: {got: result.it}",
    "captured in a list": "action: set, with: {it: ['{{ inputs[inputs.which] }}']}, capture: {got: result}",
    "text around it": "action: set, with: {it: 'Bearer {{ inputs[inputs.which] }}'}, capture: {got: result.it}",
    "title": "action: check_health, title: 'with {{ inputs[inputs.which] }}'",
    "header": "action: http, with: {method: GET, path: /v1/health, headers: {X-Key: '{{ inputs[inputs.which] }}'}}",
    "body": "action: http, with: {method: POST, path: /v1/report/orders/search, "
    "body: {pageSize: 1, symbol: '{{ inputs[inputs.which] }}'}}, expect: [call.status > 0]",
    "participant": "action: list_open_orders, participant: '{{ inputs[inputs.which] }}'",
    "argument of another kind": "action: check_order, with: {order_id: '{{ inputs[inputs.which] }}'}",
    "query": "action: http, with: {method: GET, path: /v1/health, query: {key: '{{ inputs[inputs.which] }}'}}",
}


@pytest.mark.parametrize("step", PLACES.values(), ids=PLACES)
def test_secret(step: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret input shows as `****` wherever the playbook puts it."""
    ran = world.run(playbook(f"  - {{id: it, {step}}}", head=HEAD), secrets={"key": MARKER})
    assert MARKER not in shown(ran, capsys, world)


def test_secret_reaches_the_wire(world: World) -> None:
    """Where a secret may go it goes as it is."""
    text = f"  - {{id: it, {PLACES['header']}}}\n  - {{id: body, {PLACES['body']}}}"
    world.run(playbook(text, head=HEAD), secrets={"key": MARKER})
    assert world.wire.of("GET /v1/health")[0].headers["x-key"] == MARKER
    assert world.wire.of("POST /v1/report/orders/search")[0].body["symbol"] == MARKER


@pytest.mark.parametrize("place", ["query", "participant", "argument of another kind"])
def test_secret_where_none_belongs(place: str, world: World) -> None:
    """A secret in an address, an id or a participant is refused before anything is sent."""
    ran = world.run(playbook(f"  - {{id: it, {PLACES[place]}}}", head=HEAD), secrets={"key": MARKER})
    assert (ran.exit_code, ran.statuses(), world.wire.asked) == (3, {"it": "errored"}, [])


ECHOES = {
    "answer": (changed(lambda body: {**body, "firm": MARKER}), "capture: {got: result.firm}"),
    "said": (changed(lambda body: {**body, "user": MARKER}), "expect: [result.user == 'x']"),
    "refusal": (says(403, {"message": f"no {MARKER}", "code": 7}), ""),
    "trouble": (says(503, {"message": f"no {MARKER}", "code": 7}), ""),
    "in a key": (changed(lambda body: {**body, MARKER: 1}), "capture: {got: result.raw}"),
}


@pytest.mark.parametrize(("fault", "rest"), ECHOES.values(), ids=ECHOES)
def test_secret_that_comes_back(fault: object, rest: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret that an answer repeats is masked in all that is kept and shown of it."""
    world.wire.plan(WHOAMI, fault, fault, fault)  # type: ignore[arg-type]
    text = f"  - {{id: it, action: whoami, {rest}}}\n"
    text += '  - {id: say, action: log, with: {message: "{{ steps.it.result.raw }}"}}'
    ran = world.run(playbook(text, head=HEAD + "\ndefaults: {on_failure: continue}"), secrets={"key": MARKER})
    assert MARKER not in shown(ran, capsys, world)


def test_token_and_assertion(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the access token nor the assertion, nor the header that carries it, is in any event or report."""
    ran = world.run(playbook("  - {id: it, action: whoami}"))
    token = world.wire.of(WHOAMI)[0].headers["authorization"].removeprefix("Bearer ")
    assertion = world.wire.of("POST /oauth/token")[0].body["client_assertion"]
    seen = shown(ran, capsys, world)
    assert token not in seen
    assert assertion not in seen
    assert "authorization" not in seen.lower()


def test_hostile_description(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """An instrument description of braces comes out as those characters: captured, compared, logged and sent on."""
    text = """
  - id: look
    action: get_instrument
    with: {symbol: HOSTILE}
    capture: {described: result.instrument.description}
    expect: ['result.instrument.description == "{" ~ "{ 7 * 7 }}"', 'described_is != 49']
  - {id: say, action: log, title: "{{ described }}", with: {message: "it says {{ described }}"}}
  - {id: keep, action: set, with: {again: "{{ described }}"}, capture: {again: result.again}}
  - {id: fail, action: assert, with: {that: [again == "x"]}}
""".replace("HOSTILE", symbol("sf")).replace(", 'described_is != 49'", "")
    ran = world.run(playbook(text, tail="outputs: {said: again}"))
    assert ran.statuses() == {"look": "passed", "say": "passed", "keep": "passed", "fail": "failed"}
    assert (ran.captured("look")["described"], ran.captured("keep")["again"]) == (HOSTILE, HOSTILE)
    assert ran.step("say").started.title == HOSTILE
    assert ran.step("say").notes == (f"it says {HOSTILE}",)
    assert ran.step("fail").checks[0].because == f'again is "{HOSTILE}"'
    assert ran.result.finished is not None
    assert ran.result.finished.outputs == {"said": HOSTILE}
    seen = shown(ran, capsys, world)
    assert seen.count(f"it says {HOSTILE}") >= 3
    assert "it says 49" not in seen


def test_control_characters_stay_out_of_lines(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What the venue says is on one line without control characters; a CI server's command never begins a line."""
    text = (
        "  - {id: it, action: get_instrument, with: {symbol: HOSTILE}, expect: [result.instrument.description == 'x']}"
    )
    ran = world.run(playbook(text.replace("HOSTILE", symbol("dal"))))
    stream = io.StringIO()
    options = argparse.Namespace(quiet=False, verbose=True, no_color=True)
    before, sys.stdout = sys.stdout, stream
    try:
        reporter = reporter_for(options, world.redactor, silent=False)
        for event in ran.events:
            reporter(event)
    finally:
        sys.stdout = before
    assert "\x1b" not in stream.getvalue()
    assert "<script>" in stream.getvalue()
    assert not any(line.lstrip().startswith("::") for line in stream.getvalue().splitlines())
