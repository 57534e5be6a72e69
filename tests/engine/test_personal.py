"""What is personal in an answer stays out of every event, wherever the playbook takes it."""

from __future__ import annotations

import json

from engine.exchange import HEALTH, says
from engine.world import World, playbook
from runner.record import codec

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
