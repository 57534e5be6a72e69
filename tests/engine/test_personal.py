"""What is personal, in an answer or an argument, stays out of every event, wherever the playbook takes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from leaks import leaks

from engine.exchange import HEALTH, Fault, Passing, late, lost_after, says
from engine.people import START, STATUS, onboard
from engine.world import Ran, World, playbook
from runner.record import codec
from runner.venue.call import Answer

URL = "https://docs.example.com/u/77aa?name=Katherine Zoë"
STEPS = """
  - id: status
    action: http
    with: {method: GET, path: /v1/kyc/status, query: {external_id: user-4711}}
    capture: {where: result.body.docv.url}
    expect: ['result.body.docv.url == "https://elsewhere"']
    on_failure: continue
  - {id: say, action: log, with: {message: "go to {{ where }}"}}
  - {id: echo, action: check_health}
outputs: {where: where}
"""


def test_nothing_personal_in_any_event(world: World) -> None:
    """Not in the call, the capture, the reason of a check, a later step's text, an echo elsewhere, or the outputs."""
    personal = {"status": {"decision": "REVIEW"}, "docv": {"url": URL, "qrCode": "QR-0001-0002"}}
    world.wire.plan("GET /v1/kyc/status", says(200, personal))
    world.wire.plan(HEALTH, says(403, {"code": 7, "message": f"no {URL}", "details": ["QR-0001-0002"]}))
    ran = world.run(playbook(STEPS))
    assert ran.exit_code == 1
    told = json.dumps([codec.encode(event) for event in ran.events], ensure_ascii=False, default=str)
    assert "Katherine" not in told
    assert "0001" not in told
    assert ran.captured("status") == {"where": "****"}
    assert "no ****" in ran.error("echo")


MARKERS = {
    "ssn": "123450000",
    "first_name": "Kàtherine",
    "middle_name": "Zoë/Quinn",
    "last_name": 'O"Marker-Last',
    "date_of_birth": "1985-10-02",
    "email": "kat+marker@example.com",
    "phone_number": "+12125550199",
    "ip_address": "198.51.100.77",
    "session_token": "tok-marker-0001",
    "street": "77 Marker's Lane",
    "city": "Markerville",
    "postal_code": "12207",
}
ADDRESS = ("street", "city", "postal_code")
GIVEN: dict[str, Any] = {name: f"{{{{ inputs.{name} }}}}" for name in MARKERS if name not in ADDRESS}
GIVEN["address"] = {
    "address_line_1": "{{ inputs.street }}",
    "city": "{{ inputs.city }}",
    "state": "NY",
    "postal_code": "{{ inputs.postal_code }}",
}
SECRET = "inputs:\n" + "".join(f"  {name}: {{type: string, secret: true}}\n" for name in MARKERS)
PLAIN = "inputs:\n" + "".join(
    f"  {name}: {{type: string, default: {json.dumps(it)}}}\n" for name, it in MARKERS.items()
)
SAYING = """
  - id: say
    action: log
    with: {message: "{{ inputs.first_name }} of {{ inputs.street }}"}
    title: "for {{ inputs.email }}"
  - {id: keep, action: set, with: {who: "{{ inputs.last_name }}"}, capture: {who: result.who}}
"""


def repeats(passing: Passing) -> Answer:
    """A venue that refuses, and says back all that it was told."""
    passing.forward()
    told = {**MARKERS, "list": list(MARKERS.values())}
    return says(400, {"code": 3, "message": f"not valid: {told}", "details": [told, json.dumps(told)]})(passing)


COURSES: dict[str, dict[str, list[Fault | None]]] = {
    "good": {},
    "refused": {START: [repeats]},
    "lost": {START: [lost_after], STATUS: [repeats]},
    "in trouble": {START: [late(503)], STATUS: [says(503), says(404)]},
}


@pytest.mark.parametrize("faults", COURSES.values(), ids=COURSES)
@pytest.mark.parametrize("head", [SECRET, PLAIN], ids=["secret inputs", "plain inputs"])
def test_nothing_of_a_person_in_any_event(head: str, faults: dict[str, list[Fault | None]], world: World) -> None:
    """Titles, messages and captures, calls and errors, whatever the venue does and however it was handed in."""
    for operation, planned in faults.items():
        world.wire.plan(operation, *planned)
    if head == SECRET:
        ran = world.run(playbook(onboard(**GIVEN), head=head), secrets=MARKERS)
    else:
        ran = world.run(playbook(SAYING + onboard(**GIVEN), head=head, tail="outputs: {who: who}"))
    assert world.wire.of(START)[0].body["last_name"] == MARKERS["last_name"]
    assert {name: found for name, marker in MARKERS.items() if (found := leaks(marker, told(ran)))} == {}


def told(ran: Ran) -> bytes:
    events = [codec.encode(event) for event in ran.events]
    return json.dumps(events, ensure_ascii=False, default=str).encode() + repr(ran.events).encode()
