"""What each command looks like when it is typed: shown by ``--help``, and run by the tests of the documentation."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "run": (
        "pmx-run quickstart",
        "pmx-run playbooks/first.yaml -i price=0.02 --report json=report.json",
        "pmx-run playbooks/*.yaml --jobs 2 --quiet",
        "pmx-run quickstart --log-format json > events.jsonl",
    ),
    "check": (
        "pmx-run check playbooks/*.yaml",
        "pmx-run check playbooks/first.yaml --format github",
    ),
    "plan": ("pmx-run plan quickstart", "pmx-run plan playbooks/first.yaml --json"),
    "resume": ("pmx-run resume", "pmx-run resume --cleanup-only"),
    "history": ("pmx-run history --limit 5", "pmx-run history --in-doubt"),
    "report": ("pmx-run quickstart --run-id monday", "pmx-run report monday --report html=monday.html"),
    "verify": (
        "pmx-run quickstart --report evidence=evidence",
        "pmx-run verify evidence --key registered_public_key.pem",
    ),
    "diff": ("pmx-run quickstart --run-id tuesday", "pmx-run diff monday tuesday"),
    "notify": ("pmx-run notify",),
    "halt": ("pmx-run halt --env preprod",),
    "unhalt": ("pmx-run unhalt --env preprod",),
    "doctor": ("pmx-run doctor --env preprod",),
    "keys": ("pmx-run keys new --out preprod_private_key.pem",),
    "keys new": ("pmx-run keys new --out preprod_private_key.pem",),
    "keys fingerprint": ("pmx-run keys fingerprint preprod_public_key.pem",),
    "keys rotate": ("pmx-run keys rotate --env preprod",),
    "schedule": ("pmx-run schedule check", "pmx-run schedule next -n 3"),
    "schedule check": ("pmx-run schedule check",),
    "schedule next": ("pmx-run schedule next -n 3",),
    "schedule write": ("pmx-run schedule write crontab",),
    "schedule tick": ("pmx-run schedule tick morning",),
    "schedule run": ("pmx-run schedule run &",),
    "init": ("pmx-run init my-playbooks",),
    "actions": ("pmx-run actions", "pmx-run actions place_order"),
    "list": ("pmx-run list",),
    "copy": ("pmx-run copy quickstart my-quickstart.yaml",),
    "schema": ("pmx-run schema playbook > playbook.schema.json",),
    "sandbox": ("pmx-run sandbox > sandbox.env &", ". ./sandbox.env"),
    "sandbox status": ("pmx-run sandbox status",),
    "chaos": ("pmx-run chaos quickstart --sample 2",),
    "completions": ("pmx-run completions bash > pmx-run.bash",),
}
"""By the command's words behind ``pmx-run``; together, one after the other, they work as they stand."""
