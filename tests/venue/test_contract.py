"""The venue's contract in ``schemas/venue/``, the table of operations, and the exchange: they say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from runner.sandbox.gateway.buckets import TIER_1
from runner.sandbox.routes import ROUTES
from runner.venue.contract import answer_problems, request_problems
from runner.venue.operations import OPERATIONS

SCHEMAS = Path(__file__).parents[2] / "schemas" / "venue"
FILES = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in SCHEMAS.iterdir()}
SHARED = {"types", "order", "error"}
NOT_PUBLISHED = {
    "funding_sources",
    "funding_accounts",
    "update_funding_account",
    "funding_transactions",
    "funding_requirements",
}
PERSONAL = {
    "kyc_start_request": {
        "ssn",
        "first_name",
        "middle_name",
        "last_name",
        "date_of_birth",
        "email",
        "phone_number",
        "session_token",
        "ip_address",
    },
    "Address": {"address_line_1", "address_line_2", "city", "state", "postal_code", "country"},
    "kyc_prefill_request": {"phone_number", "date_of_birth", "session_token", "ip_address"},
    "kyc_prefill_otp_request": {"otp"},
    "kyc_prefill_otp_answer": {
        "firstName",
        "middleName",
        "lastName",
        "dateOfBirth",
        "phoneNumber",
        "email",
        "ssn",
    },
    "PrefillAddress": {"addressLine1", "addressLine2", "city", "state", "postalCode", "country"},
    "Docv": {"url", "qrCode", "docvTransactionToken"},
}


def parts(schema: Any) -> Iterator[Any]:
    """A schema and all schemas in it."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from parts(each)
    for each in schema if isinstance(schema, list) else ():
        yield from parts(each)


@pytest.mark.parametrize("name", FILES)
def test_file(name: str) -> None:
    """Each is a schema of the draft that it names, says where it is from, and refers to what is there."""
    file = FILES[name]
    assert (file["$schema"], file["title"]) == (jsonschema.Draft202012Validator.META_SCHEMA["$id"], name)
    assert file["x-source"].startswith("docs.polymarket.us: ")
    for schema in file["$defs"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for part in parts(file["$defs"]):
        if isinstance(reference := part.get("$ref"), str):
            path, _, definition = reference.partition("#/$defs/")
            assert definition in FILES[path.removesuffix(".schema.json") or name]["$defs"]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in NOT_PUBLISHED])
def test_operation(name: str) -> None:
    """Request and answer are there, in the file of its family, and can be checked."""
    operation = OPERATIONS[name]
    definitions = FILES[operation.family]["$defs"]
    assert {f"{name}_request", f"{name}_answer"} <= definitions.keys()
    assert definitions[f"{name}_request"]["additionalProperties"] is False
    assert request_problems(operation, []) != ()
    assert answer_problems(operation, []) != ()


def test_nothing_else_is_in_the_contract() -> None:
    """What a file defines is a side of one of its operations, or what such a side refers to."""
    for family in FILES.keys() - SHARED:
        sides = {f"{each.name}_{side}" for each in OPERATIONS.values() for side in ("request", "answer")}
        references = {part.get("$ref") for part in parts(FILES[family])}
        for name in FILES[family]["$defs"]:
            assert name in sides or f"#/$defs/{name}" in references
    assert {name for name, each in OPERATIONS.items() if not each.family} == NOT_PUBLISHED
    assert {each.family for each in OPERATIONS.values()} - {""} == FILES.keys() - SHARED


def test_enums_have_their_zero_member() -> None:
    """The venue prints it, though the published files leave it out."""
    zeros = {name: part["enum"][0] for name, part in FILES["types"]["$defs"].items() if "enum" in part}
    odd = {
        "OrderState": "ORDER_STATE_NEW",
        "ExecutionType": "EXECUTION_TYPE_NEW",
        "OrdRejectReason": "ORD_REJECT_REASON_EXCHANGE_OPTION",
        "InstrumentState": "INSTRUMENT_STATE_CLOSED",
        "TradableFilter": "TRADABLE_FILTER_ALL",
    }
    assert {name: zero for name, zero in zeros.items() if not zero.endswith("_UNDEFINED")} == odd


def test_what_is_personal_is_marked() -> None:
    """Names, birth dates, tax ids and addresses of people, and nothing else."""
    marked = {
        name: {field for field, part in schema.get("properties", {}).items() if part.get("x-personal")}
        for name, schema in FILES["kyc"]["$defs"].items()
    }
    assert {name: fields for name, fields in marked.items() if fields} == PERSONAL
    assert not any(part.get("x-personal") for name in FILES.keys() - {"kyc"} for part in parts(FILES[name]))


def test_a_run_reads_little() -> None:
    """The quickstart's calls need less than 60 KB of contract."""
    families = {"accounts", "refdata", "positions", "trading", "report", "order", "types"}
    assert sum((SCHEMAS / f"{name}.schema.json").stat().st_size for name in families) < 60_000


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_exchange_agrees(route: Any) -> None:
    """Each operation of the local exchange is in the table, with the same scope, participant and rate."""
    operation = next(each for each in OPERATIONS.values() if (each.method, each.path) == (route.method, route.path))
    assert operation.scope == route.scope
    assert operation.participant == "required" or not route.needs_participant
    rate = operation.bucket.calls / operation.bucket.seconds if operation.bucket else None
    assert rate == (pytest.approx(TIER_1[route.bucket].per_second) if route.bucket else None)


def test_the_exchange_has_every_operation() -> None:
    """All that has a published form."""
    there = {(route.method, route.path) for route in ROUTES}
    assert {name for name, each in OPERATIONS.items() if (each.method, each.path) not in there} <= NOT_PUBLISHED
