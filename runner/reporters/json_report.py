"""The JSON report, version 1; its schema is ``schemas/report.schema.json``.

Decimals are strings, times ISO 8601. Fields may be added within a version; none goes or changes its meaning.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from runner.record.events import CallMade, Checked, Problem, Surroundings
from runner.record.result import CleanupResult, OrderResult, RunResult, StepResult
from runner.reporters.data import plain

VERSION = 1


def report(result: RunResult) -> dict[str, Any]:
    """One run as JSON data: of one that did not come to its end, as far as it came."""
    started, finished = result.started, result.finished
    return {
        "version": VERSION,
        "tool_version": started.tool_version,
        "run_id": started.run_id,
        "playbook": {"name": started.playbook, "path": started.path, "sha256": started.sha256},
        "environment": _surroundings(started.surroundings),
        "clock_offset_ms": finished.clock_offset_ms if finished else None,
        "status": result.status,
        "exit_code": finished.exit_code if finished else None,
        "started_at": started.at.isoformat(),
        "resumed_at": [each.at.isoformat() for each in result.resumed],
        "duration_ms": finished.duration_ms if finished else None,
        "outputs": plain(finished.outputs if finished else {}),
        "error": _problem(finished.error if finished else None),
        "steps": [_step(step) for step in result.steps],
        "orders": [_order(order) for order in result.orders],
        "cleanups": [_cleanup(cleanup) for cleanup in result.cleanups],
    }


def text(results: Sequence[RunResult]) -> str:
    """The report's whole text: of one run, or of several together."""
    runs = [report(result) for result in results]
    data = runs[0] if len(runs) == 1 else {"version": VERSION, "runs": runs}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _surroundings(surroundings: Surroundings) -> dict[str, str]:
    return {
        "name": surroundings.name,
        "host": surroundings.host,
        "participant": surroundings.participant,
        "account": surroundings.account,
    }


def _step(step: StepResult) -> dict[str, Any]:
    finished = step.finished
    return {
        "id": step.started.id,
        "title": step.started.title,
        "action": step.started.action,
        "severity": step.started.severity,
        "help": step.started.help,
        "status": step.status,
        "blocked_by": finished.blocked_by if finished else "",
        "learned": finished.learned if finished else "",
        "started_at": step.started.at.isoformat(),
        "duration_ms": finished.duration_ms if finished else None,
        "attempts": finished.attempts if finished else None,
        "captures": plain(step.captures),
        "checks": [_check(check) for check in step.checks],
        "calls": [call_data(call) for call in step.calls],
        "notes": list(step.notes),
        "error": _problem(finished.error if finished else None),
        "item": step.started.item,
        "items": [_step(item) for item in step.items],
        "steps": [_step(below) for below in step.steps],
    }


def _check(check: Checked) -> dict[str, Any]:
    return {
        "check": check.check,
        "passed": check.passed,
        "because": check.because,
        "title": check.title,
        "help": check.help,
        "severity": check.severity,
        "place": check.place,
    }


def call_data(call: CallMade) -> dict[str, Any]:
    """A call as JSON has it: moments in ISO 8601, decimals as texts."""
    return {
        "method": call.method,
        "url": call.url,
        "status": call.status,
        "started_at": call.started_at.isoformat(),
        "duration_ms": call.duration_ms,
        "request": plain(call.request),
        "response": plain(call.response),
    }


def _problem(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    return {"kind": problem.kind, "message": problem.message, "help": problem.help, "place": problem.place}


def _order(order: OrderResult) -> dict[str, Any]:
    intended = order.intended
    return {
        "clord_id": order.clord_id,
        "clord_ids": list(order.clord_ids),
        "order_id": order.order_id,
        "symbol": intended.symbol,
        "side": intended.side,
        "price": plain(order.price),
        "quantity": plain(order.quantity),
        "filled_quantity": plain(order.filled_quantity),
        "average_price": plain(order.average_price),
        "participant": intended.participant,
        "account": intended.account,
        "state": order.state,
        "step": intended.path,
    }


def _cleanup(cleanup: CleanupResult) -> dict[str, Any]:
    return {
        "step": cleanup.step,
        "status": cleanup.status,
        "clord_id": cleanup.clord_id,
        "message": cleanup.message,
        "help": cleanup.help,
    }
