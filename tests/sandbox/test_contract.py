"""The exchange against its own ``/openapi.json``, by an HTTP tester that makes its cases up.

Schemathesis is no part of the usual test requirements: ``make contract`` installs it and runs this file.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.conftest import Program, Start
from sandbox.control import Control
from sandbox.test_sandbox_program import access_token

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="make contract"),
]
STREAMS = "csv|download"
NO_FAILURE = "not_a_server_error,status_code_conformance"
WITHIN_SCHEMA = f"{NO_FAILURE},response_schema_conformance,content_type_conformance"
LEAST = 2000


def generated(program: Program, folder: Path, checks: str, *choice: str) -> None:
    """Let schemathesis loose on some of the operations; its own findings fail the test."""
    command = [
        *(str(Path(sys.executable).with_name("st")), "run", f"{program.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {access_token(program)}"),
        *("--header", f"x-participant-id: {program.env['PMX_PARTICIPANT_ID']}"),
        *("--checks", checks, "--phases", "coverage,fuzzing", "--max-examples", "30", "--seed", "7"),
        *("--generation-database", "none", "--no-color", *choice),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_no_5xx_and_no_answer_outside_its_schema(start: Start, tmp_path: Path) -> None:
    """At least 2,000 generated cases by the exchange's own log, over every operation.

    A download is several JSON objects or nothing at all, which the tester cannot read: there only the status counts.
    """
    program = start("--rates", "off", "--expires-in", "86400")
    generated(program, tmp_path, WITHIN_SCHEMA, "--exclude-path-regex", STREAMS)
    generated(program, tmp_path, NO_FAILURE, "--include-path-regex", STREAMS)
    counts = Control(program.env).call("GET", "/status")["calls"]
    answered = [status for statuses in counts.values() for status in statuses]
    print({operation: sum(statuses.values()) for operation, statuses in counts.items()})
    assert sum(sum(statuses.values()) for statuses in counts.values()) >= LEAST
    assert not [status for status in answered if status.startswith("5")]
    described = {operation for operation in counts if operation not in ("unknown route", "POST /oauth/token")}
    assert len(described) >= 40
