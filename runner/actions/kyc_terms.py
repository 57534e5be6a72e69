"""What the venue asks of a person: the arguments of its check, under the venue's own names, and the body they make.

What tells who somebody is may be a secret, in whole or in part, and no message about it shows what came.
Source: docs.polymarket.us, partners/onboarding/kyc/overview and verification-flow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from runner.action import Arguments
from runner.redact import Secret
from runner.value import FLAG, NAME, TIME, Argument, Kind, Schema, WrongValue
from runner.venue.wire import moment

_LONGEST_ID = 49
_NEVER_ISSUED = re.compile(r"(000|666)[0-9]{6}|[0-9]{3}00[0-9]{4}|[0-9]{5}0000")
_ADDRESS = ("address_line_1", "city", "state", "postal_code")
_MORE_ADDRESS = ("address_line_2", "country")


def _person_text(value: object) -> str | Secret:
    if isinstance(value, Secret) or (isinstance(value, str) and value):
        return value
    raise WrongValue("a text that is not empty is wanted; in YAML it stands in quotes")


def _address(value: object) -> dict[str, str | Secret]:
    read = _members(value, _ADDRESS, _MORE_ADDRESS)
    return {name: _member(name, item, _PERSON.read) for name, item in read.items() if item is not None}


def _agreement(value: object) -> dict[str, str]:
    read = _members(value, ("version", "signed_at"), ())
    signed_at = moment(_member("signed_at", read["signed_at"], TIME.read))
    return {"version": _member("version", read["version"], NAME.read), "signed_at": signed_at or ""}


def _members(value: object, required: tuple[str, ...], optional: tuple[str, ...]) -> Mapping[str, Any]:
    """A mapping with these keys; what is wrong is told by key."""
    if not isinstance(value, Mapping):
        raise WrongValue(f"a mapping is wanted, with {', '.join(required)}")
    for name in value.keys() - {*required, *optional}:
        raise WrongValue(f"`{name}` is none of {', '.join((*required, *optional))}")
    for name in required:
        if value.get(name) is None:
            raise WrongValue(f"`{name}` is missing")
    return value


def _member(name: str, value: object, read: Callable[[object], Any]) -> Any:
    try:
        return read(value)
    except WrongValue as wrong:
        raise WrongValue(f"`{name}`: {wrong}") from None


def _external_id(value: object) -> str:
    text: str = NAME.read(value)
    if len(text) > _LONGEST_ID:
        raise WrongValue(f"at most {_LONGEST_ID} characters are wanted, not {len(text)}")
    return text


def _object(required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Schema:
    properties = {name: {"type": "string", "minLength": 1} for name in (*required, *optional)}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_PERSON = Kind({"type": "string", "minLength": 1}, _person_text)
_PLACE = Kind(_object(_ADDRESS, _MORE_ADDRESS), _address)
_SIGNED = Kind(_object(("version", "signed_at")), _agreement)

EXTERNAL_ID = Argument(
    Kind({"type": "string", "minLength": 1, "maxLength": _LONGEST_ID}, _external_id),
    "Your own id of the person, unique in the firm; never a name or an address, since it is shown",
    required=True,
)


def _personal(help: str, kind: Kind = _PERSON, *, required: bool = True) -> Argument:
    return Argument(kind, f"{help} (personal: from a secret input)", required=required, personal=True)


ARGUMENTS = {
    "external_id": EXTERNAL_ID,
    "ssn": _personal("Social security number, digits only"),
    "first_name": _personal("First name, at most 50 characters"),
    "middle_name": _personal("Middle name", required=False),
    "last_name": _personal("Last name, at most 50 characters"),
    "date_of_birth": _personal("YYYY-MM-DD"),
    "email": _personal("E-mail address"),
    "phone_number": _personal("E.164: +12125550123"),
    "address": _personal("address_line_1, address_line_2, city, state (two letters), postal_code, country", _PLACE),
    "agreement": Argument(_SIGNED, "version and signed_at of the agreement that the person accepted", required=True),
    "ip_address": _personal("Of the person, when the agreement was accepted"),
    "session_token": _personal("Of the identity provider's device check", required=False),
    "docv_eligible": Argument(FLAG, "May be asked to upload documents"),
    "referral_code": Argument(NAME, "Of whoever brought the person"),
}


def body(arguments: Arguments) -> dict[str, Any]:
    """The request as the venue takes it; what is not given is left out."""
    return {name: arguments[name] for name in ARGUMENTS if arguments[name] is not None}


def about_nobody(known: Mapping[str, object]) -> bool:
    """Whether the person is invented for certain: the number is one that is never given to anybody.

    None begins with 000 or 666, has 00 in the middle or ends with 0000 (ssa.gov: employer/randomization).
    """
    number = known.get("ssn")
    return isinstance(number, str) and _NEVER_ISSUED.fullmatch(number) is not None
