"""From a person to a user: identity checks (docs.polymarket.us: partners/onboarding/kyc, overview and its pages).

The documented trigger identities decide what becomes of a person. Nothing personal is kept: it is looked at once, here.
"""

from __future__ import annotations

import re
from datetime import date

from runner.sandbox.endpoints.courier import send_test
from runner.sandbox.endpoints.webhook_signing import WrongSecret, signing_key
from runner.sandbox.exchange.onboarding import AlreadyApproved, Application, Path, Stage
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import already_exists, invalid, not_found
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.wire import Tree

_FORMS = {
    "external_id": r"[!-.0-~]{1,49}",
    "ssn": r"[0-9]{9}",
    "first_name": r".{1,50}",
    "last_name": r".{1,50}",
    "date_of_birth": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "email": r"[^@\s]+@[^@\s]+",
    "phone_number": r"\+?[1-9][0-9]{6,14}",
    "ip_address": r"[0-9A-Fa-f.:]{2,45}",
}
_ADDRESS = {
    "address_line_1": r".+",
    "city": r".+",
    "state": r"[A-Z]{2}",
    "postal_code": r"[0-9]{5}",
}
_BY_BIRTH = {
    date(1985, 10, 2): Path.APPROVE,
    date(1985, 9, 4): Path.REJECT,
    date(1985, 9, 2): Path.DOCUMENTS_THEN_APPROVE,
    date(1985, 9, 5): Path.DOCUMENTS_THEN_REJECT,
    date(1985, 9, 25): Path.DOCUMENTS_THEN_REVIEW,
}
_STATUS = {
    Stage.DOCUMENTS: ("REVIEW", "ON_HOLD", "Document Request Initiated"),
    Stage.REVIEW: ("REVIEW", "OPEN", "In Review"),
    Stage.ACCEPTED: ("ACCEPT", "ON_HOLD", "Accept"),
    Stage.PROVISIONED: ("ACCEPT", "CLOSED", "Accept"),
    Stage.REJECTED: ("REJECT", "CLOSED", "Reject"),
}


def start(call: Call) -> Tree:
    """Begin to make a user of a person. Raises Refused: 400 for what is missing, 409 if he was approved before."""
    fields = call.fields
    _check(fields)
    client = call.client
    try:
        application = call.exchange.enrol(client.firm, client.clearing_firm, fields.text("external_id"), _path(fields))
    except AlreadyApproved as error:
        raise already_exists("the user has been approved already") from error
    return {
        "status": status_tree(application),
        **_documents(application),
        "participant_id": application.participant,
    }


def status(call: Call) -> Tree:
    """How far it has come; participant and account are empty until they are there."""
    external_id = call.fields.text("external_id")
    if not external_id:
        raise invalid("external_id is required")
    application = call.exchange.application(call.client.firm, external_id)
    if application is None:
        raise not_found("no verification was started for this user")
    return {
        "status": status_tree(application),
        "participant_id": application.participant,
        "provisioned_account": application.account,
        **_documents(application),
    }


def register_webhook(call: Call) -> Tree:
    """Set where the firm is told; nothing is kept unless a test delivery arrives. An absent secret ends the signing."""
    url, secret = call.fields.text("webhook_url"), call.fields.text("signing_secret")
    if not url:
        raise invalid("webhook_url is required")
    try:
        signing_key(secret)
    except WrongSecret as error:
        raise invalid("invalid signing_secret") from error
    problem = send_test(url, secret, call.client.firm, call.exchange.now())
    if not problem:
        call.exchange.register_webhook(call.client.firm, url, secret)
    return {"validated": not problem, "message": problem or "webhook registered"}


def status_tree(application: Application) -> Tree:
    """The status of an application in the provider's words."""
    decision, state, detail = _STATUS[application.stage]
    return {
        "decision": decision,
        "status": state,
        "sub_status": detail,
        "external_id": application.external_id,
    }


def _check(fields: Fields) -> None:
    _check_forms(fields, _FORMS)
    _birth(fields)
    _check_forms(fields.within("address"), _ADDRESS)
    agreement = fields.within("agreement")
    if not agreement.text("version"):
        raise invalid("agreement.version is required")
    if agreement.moment("signed_at") is None:
        raise invalid("agreement.signed_at is required")


def _check_forms(fields: Fields, forms: dict[str, str]) -> None:
    for name, form in forms.items():
        text = fields.text(name)
        if not text:
            raise invalid(f"{name} is required")
        if not re.fullmatch(form, text):
            raise invalid(f"invalid {name}")


def _birth(fields: Fields) -> date:
    try:
        return date.fromisoformat(fields.text("date_of_birth"))
    except ValueError as error:
        raise invalid("invalid date_of_birth") from error


def _path(fields: Fields) -> Path:
    """What becomes of the person (partners/onboarding/kyc/overview, sandbox triggers)."""
    if fields.flag("docv_eligible"):
        return _BY_BIRTH.get(_birth(fields), Path.APPROVE)
    if fields.text("email") == "reject@example.com":
        return Path.REJECT
    named = fields.text("first_name"), fields.text("last_name")
    return Path.REVIEW if named == ("Paulina", "Gizela") else Path.APPROVE


def _documents(application: Application) -> Tree:
    """What the user needs for an upload, while one is outstanding; its address is nobody's."""
    if application.stage is not Stage.DOCUMENTS:
        return {}
    token = application.evaluation
    address = f"https://verify.example.com/{token}"
    return {
        "docv": {
            "url": address,
            "qr_code": f"{address}.png",
            "docv_transaction_token": token,
            "event_id": f"docv-{token}",
            "sdk_key": "",
        }
    }
