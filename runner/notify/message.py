"""What is said of a run, as data for programs and as a text for people: redacted, on single lines, without links."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from runner.record.result import RunResult, StepResult
from runner.redact import Redactor
from runner.reporters.lines import duration, name_of
from runner.reporters.redacted import redacted
from runner.reporters.rows import BAD, OUTCOMES, all_steps
from runner.reporters.visible import visible
from runner.value import counted

Happening: TypeAlias = Literal["failure", "recovery", "in_doubt", "interrupted", "success"]
Message: TypeAlias = Mapping[str, Any]
_FAILED = frozenset({"failed", "errored", "refused", "in_doubt"})
_MOST_STEPS = 20
_WORDS = {"recovery": "passes again"}


def happening(status: str, before: str | None) -> Happening:
    """What a run's end means to people; ``before`` is how the last one of its kind had ended, if there was one."""
    if status == "passed":
        return "recovery" if before in _FAILED else "success"
    if status == "in_doubt":
        return "in_doubt"
    return "interrupted" if status == "interrupted" else "failure"


def message(result: RunResult, event: Happening, left: Sequence[str], command: str, redactor: Redactor) -> Message:
    """The data. ``left`` are orders whose end nobody has seen, ``command`` is what settles them (may be empty)."""
    safe = redacted(result, redactor)
    started, finished = safe.started, safe.finished
    where = started.surroundings
    failed = list(_failed_steps(safe))
    error = finished.error if finished else None
    return {
        "event": event,
        "outcome": safe.status,
        "exit_code": finished.exit_code if finished else None,
        "playbook": _harmless(started.playbook),
        "environment": _harmless(where.name),
        "host": _harmless(where.host),
        "participant": _harmless(where.participant),
        "account": _harmless(where.account),
        "run_id": started.run_id,
        "started_at": started.at.isoformat(),
        "ended_at": finished.at.isoformat() if finished else None,
        "duration_ms": finished.duration_ms if finished else None,
        "error": {"message": _harmless(error.message), "help": _harmless(error.help)} if error else None,
        "failed_steps": failed[:_MOST_STEPS],
        "more_failed_steps": max(0, len(failed) - _MOST_STEPS),
        "in_doubt": [_harmless(redactor.text(each)) for each in left],
        "command": redactor.text(command),
    }


def body_of(data: Message, **more: str) -> bytes:
    """The data for programs, as the Standard Webhooks specification has it: type, timestamp, data."""
    return json.dumps({**more, "type": f"run.{data['event']}", "timestamp": data["ended_at"], "data": data}).encode()


def headline(data: Message) -> str:
    """One line: what, where, how."""
    words = _WORDS.get(data["event"]) or OUTCOMES[data["outcome"]]
    return f"{data['playbook']} on {data['environment']}: {words}"


def text(data: Message) -> str:
    """All of it for people, headline first."""
    return "\n".join([headline(data), *_lines(data)])


def _lines(data: Message) -> Iterator[str]:
    where = f"{data['environment']} ({data['host']})"
    who = ", ".join(each for each in (data["participant"], data["account"]) if each)
    took = f", {duration(data['duration_ms'])}" if data["duration_ms"] is not None else ""
    yield f"run {data['run_id']} on {where}{f' as {who}' if who else ''}: exit {data['exit_code']}{took}"
    if data["error"]:
        yield from _told("error", data["error"])
    for each in data["failed_steps"]:
        yield from _told(f"step {each['step']} {each['status'].replace('_', ' ')}", each)
    if data["more_failed_steps"]:
        yield f"and {counted(data['more_failed_steps'], 'step')} more"
    yield from (f"in doubt: {each}" for each in data["in_doubt"])
    if data["command"]:
        yield f"to settle it: {data['command']}"


def _told(label: str, what: Mapping[str, str]) -> Iterator[str]:
    yield f"{label}: {what['message']}" if what["message"] else label
    if what["help"]:
        yield f"    help: {what['help']}"


def _failed_steps(result: RunResult) -> Iterator[dict[str, str]]:
    """Each step that went wrong; of a loop its items, since they tell more than it does."""
    for step in all_steps(result.steps):
        if step.status in BAD and not any(item.status in BAD for item in step.items):
            said, help = _why(step)
            yield {
                "step": name_of(step.started.path, step.started.id),
                "title": _harmless(step.started.title),
                "status": step.status,
                "message": _harmless(said),
                "help": _harmless(help or step.started.help),
            }


def _why(step: StepResult) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    error = step.finished.error if step.finished else None
    if error is not None:
        return error.message, error.help
    check = next((each for each in step.checks if not each.passed), None)
    return (f"{check.check} ({check.because})", check.help) if check else ("", "")


def _harmless(said: str) -> str:
    """On one line, nothing hidden, and nothing that a chat or a mail program makes a link of."""
    return visible(" ".join(said.split())).replace("://", "[:]//")
