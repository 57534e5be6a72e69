"""Prefilling a person's data by a one-time code (docs.polymarket.us: partners/onboarding/kyc/prefill-flow).

The data that come back are the same made-up person's for everybody.
"""

from __future__ import annotations

from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid, not_found
from runner.sandbox.gateway.wire import Tree

_BIRTH, _PHONE = "1985-03-30", "14155551212"
_GOOD, _PENDING = "123456", "000000"


def start(call: Call) -> Tree:
    """Send a one-time code, if birthday and phone number belong together."""
    fields = call.fields
    for name in ("phone_number", "date_of_birth", "user_id"):
        if not fields.text(name):
            raise invalid(f"{name} is required")
    user = fields.text("user_id")
    matches = (fields.text("date_of_birth"), fields.text("phone_number").lstrip("+")) == (_BIRTH, _PHONE)
    if not matches:
        return {"status": _status(user, "REJECT", "no_match"), "external_id": user}
    call.exchange.send_code(call.client.firm, user)
    return {"status": _status(user, "", "otp_sent"), "external_id": user}


def submit_code(call: Call) -> Tree:
    """Take the code in; the right one brings the person's data back."""
    fields = call.fields
    for name in ("otp", "external_id"):
        if not fields.text(name):
            raise invalid(f"{name} is required")
    user, otp = fields.text("external_id"), fields.text("otp")
    if not call.exchange.try_code(call.client.firm, user, used=otp == _GOOD):
        raise not_found("no one-time code is open for this user")
    if otp == _PENDING:
        return {"status": _status(user, "", "otp_sent")}
    if otp != _GOOD:
        return {"status": _status(user, "REJECT", "otp_rejected")}
    return {"status": _status(user, "", "prefill_complete"), **_PERSON}


def _status(user: str, decision: str, status: str) -> Tree:
    return {"decision": decision, "status": status, "sub_status": "", "external_id": user}


_PERSON: Tree = {
    "first_name": "Erika",
    "middle_name": "",
    "last_name": "Example",
    "date_of_birth": _BIRTH,
    "phone_number": f"+{_PHONE}",
    "email": "erika@example.com",
    "ssn": "0000",
    "address": {
        "address_line1": "1 Example Street",
        "address_line2": "",
        "city": "New York",
        "state": "NY",
        "postal_code": "10001",
        "country": "US",
    },
}
