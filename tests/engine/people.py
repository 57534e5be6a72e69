"""Steps about people, for tests: one who was invented, changed as a test needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

START, STATUS = "POST /v1/kyc/start", "GET /v1/kyc/status"

PERSON: Mapping[str, Any] = {
    "external_id": "user-1",
    "ssn": "123450000",
    "first_name": "Jo",
    "last_name": "Zweig",
    "date_of_birth": "1990-01-02",
    "email": "jo.zweig@example.com",
    "phone_number": "+12125550123",
    "address": {"address_line_1": "1 Elm Row", "city": "Albany", "state": "NY", "postal_code": "12207"},
    "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": "2026-11-22T11:00:00Z"},
    "ip_address": "203.0.113.7",
}


def onboard(action: str = "create_user", *, id: str = "user", more: str = "", **changes: Any) -> str:
    """A step that starts the check of the person, changed; ``more`` are further keys, each on a line of its own."""
    given = {name: value for name, value in (dict(PERSON) | changes).items() if value is not None}
    lines = "".join(f"    {line}\n" for line in more.splitlines())
    return f"  - id: {id}\n    action: {action}\n    with: {json.dumps(given)}\n{lines}"
