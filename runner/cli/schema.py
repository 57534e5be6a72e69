"""``pmx-run schema``: the JSON Schemas of what people write and of what programs read, each as one document."""

from __future__ import annotations

import argparse
import json

SUMMARY = "Print a JSON Schema (draft 2020-12) as one document that needs no other file."
SCHEMAS = {
    "playbook": "playbook.schema.json",
    "pmx": "pmx.schema.json",
    "report": "report.schema.json",
    "problems": "problems.schema.json",
    "plan": "plan.schema.json",
    "log": "log.schema.json",
    "doctor": "doctor.schema.json",
}
"""What can be asked for, with its file: a playbook, ``pmx.yaml``, and what --json and the like of a command tell."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which one."""
    help = (
        "playbook (the default); pmx: pmx.yaml; report: --report json; problems: check --format json; "
        "plan: plan --json; log: --log-format json; doctor: doctor --json"
    )
    parser.add_argument("schema", nargs="?", choices=SCHEMAS, default="playbook", metavar="SCHEMA", help=help)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    print(schema_text(options.schema), end="")
    return 0


def schema_text(name: str) -> str:
    """One of ``SCHEMAS`` as a file holds it."""
    from runner.playbook.bundling import bundled

    return json.dumps(bundled(SCHEMAS[name]), indent=2, ensure_ascii=False) + "\n"
