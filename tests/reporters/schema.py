"""The published schema of the JSON report, as a test holds a report against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text())


DOCTOR: dict[str, Any] = json.loads((Path(__file__).parents[2] / "schemas" / "doctor.schema.json").read_text())
"""What `doctor --json` prints, likewise."""


def check(report: Any, schema: dict[str, Any] = SCHEMA) -> None:
    """Two validators accept the report, and it has no field that the schema does not name."""
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(report)
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(strict(schema), format_checker=formats).validate(report)


def strict(schema: Any) -> Any:
    """The schema with every object closed, though a reader has to bear further fields."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    is_record = isinstance(schema.get("properties"), dict) and "required" in schema
    return closed | ({"additionalProperties": False} if is_record else {})
