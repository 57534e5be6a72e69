"""Holding what was sent against what a plan told of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from venue.server import Received

from runner.venue.operations import find

_MARK = re.compile(r"<[^<>]*>")
_OF_THE_CONNECTION = {"host", "connection"}
Request = Mapping[str, Any]


def requests_of(act: Mapping[str, Any], item: int | None = None) -> list[Request]:
    """The requests of a step or a cleanup, of one item where it is a loop over a known list."""
    return [each for each in act["requests"] if each["item"] in (None, item)]


def agrees(told: Request, sent: Received) -> bool:
    """Whether this is the request that was told: byte for byte if it is known, else but for its marks."""
    if told["method"] != sent.method or not _like(told["path"], sent.target):
        return False
    if told["known"]:
        return told["path"] == sent.target and _same_bytes(told["body"], sent.body) and _same_headers(told, sent)
    return _body_like(told["body"], sent.body) and _same_headers(told, sent)


def _same_bytes(told: str | None, sent: bytes) -> bool:
    if told is not None and "****" in told:
        return _body_like(told, sent)
    return (told or "").encode() == sent


def _same_headers(told: Request, sent: Received) -> bool:
    """Every header of the wire but the connection's own was told, and none more; a mark may come to nothing."""
    wire = {name: value for name, value in sent.headers.items() if name not in _OF_THE_CONNECTION}
    named = {name.lower(): value for name, value in told["headers"].items()}
    missing = {name for name in named.keys() - wire.keys() if not _MARK.fullmatch(named[name])}
    return not missing and not wire.keys() - named.keys() and all(_like(named[name], wire[name]) for name in wire)


def _like(told: str, sent: str) -> bool:
    """A text with marks, each of which stands for anything; so does the mask of a secret."""
    pattern = re.escape(told).replace(re.escape("****"), ".*")
    return re.fullmatch(_MARK.sub(".*", pattern.replace("\\<", "<").replace("\\>", ">")), sent) is not None


def _body_like(told: str | None, sent: bytes) -> bool:
    if told is None or not sent:
        return told is None and not sent
    return _value_like(json.loads(told), json.loads(sent))


def _value_like(told: Any, sent: Any) -> bool:
    if isinstance(told, str) and (told == "****" or _MARK.fullmatch(told)):
        return True
    if isinstance(told, dict):
        return isinstance(sent, dict) and _fields_like(told, sent)
    if isinstance(told, list):
        return isinstance(sent, list) and len(told) == len(sent) and all(map(_value_like, told, sent))
    if isinstance(told, str) and isinstance(sent, str):
        return _like(told, sent)
    return bool(told == sent) and type(told) is type(sent)


def _fields_like(told: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """A mark may come to nothing; what is there was told, in the same sequence."""
    there = [name for name in told if name in sent]
    absent = [name for name in told if name not in sent]
    return (
        there == list(sent)
        and all(map(_is_mark, (told[name] for name in absent)))
        and all(_value_like(told[name], sent[name]) for name in there)
    )


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and _MARK.fullmatch(value) is not None


class Teller:
    """A plan's document, and what of it came true."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self.plan = plan
        self.sent: list[Received] = []

    def hold(self, act: Mapping[str, Any], sent: Sequence[Received], item: int | None = None) -> None:
        """What one performance sent: every request was told, in its sequence, and not more often than told."""
        told = [each for each in requests_of(act, item) if not each["path"].endswith("/oauth/token")]
        for each in sent:
            fits = any(agrees(request, each) for request in told)
            shown = "\n".join(f"{request['method']} {request['path']} {request['body']}" for request in told)
            assert fits, f"{act['action']}: {each.method} {unquote(each.target)} {each.body!r} was not told:\n{shown}"
        counts = _placed(told, sent, (0,) * len(told))
        assert counts is not None, f"{act['action']}: not in this sequence, or too often: {sent}"
        self.sent += sent
        if act.get("performed", "later") == "yes" and sent:
            missed = [each for each, count in zip(told, counts, strict=True) if not count and not each["when"]]
            assert not missed, f"told and never sent: {missed}"

    def hold_counts(self, *, failing: bool = False) -> None:
        """No bucket was asked for more than the worst that was told, nor the venue as a whole.

        Where answers were ``failing`` the worst is what was told of that, too.
        """
        assert len(self.sent) <= _worst(self.plan["calls"], failing)
        for load in self.plan["rate_limits"]:
            made = [each for each in self.sent if operation_of(each) in load["operations"]]
            assert len(made) <= _worst(load, failing), load


def _placed(told: Sequence[Request], sent: Sequence[Received], counts: tuple[int, ...]) -> tuple[int, ...] | None:
    """How often each came, if what was sent can be what was told: a later one never before the first of an earlier."""
    if not sent:
        return counts
    reached = max((at for at, count in enumerate(counts) if count), default=0)
    fitting = [at for at, each in enumerate(told) if agrees(each, sent[0]) and _free(each, counts[at])]
    for at in sorted((at for at in fitting if counts[at] or at >= reached), key=lambda at: not counts[at]):
        found = _placed(told, sent[1:], (*counts[:at], counts[at] + 1, *counts[at + 1 :]))
        if found is not None:
            return found
    return None


def _free(request: Request, count: int) -> bool:
    return not request["only_after_failure"] and count < _most(request["most"])


def _worst(calls: Mapping[str, Any], failing: bool) -> float:
    return _most(calls["most"]) + (_most(calls["more_if_answers_fail"]) if failing else 0)


def _most(number: int | None) -> float:
    return float("inf") if number is None else number


def operation_of(sent: Received) -> str:
    """The operation that a request reached, by name."""
    found = find(sent.method, sent.target.partition("?")[0])
    return found.name if found else ""


def performances(plan: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[tuple[Any, int | None, int]]:
    """Each step, or item of one, as the report has it: what was told of it, its number, and how often it called."""
    rows = {row["id"]: row for row in report["steps"]}
    nested = {row["id"]: row.get("steps") or [] for row in report["steps"]}
    rows |= {f"{caller}/{row['id']}": row for caller, below in nested.items() for row in below}
    for step in plan["steps"]:
        row = rows[step["path"].removeprefix("finally.")]
        for number, each in enumerate(row.get("items") or [row]):
            calls = [call for call in each["calls"] if not call["url"].endswith("/oauth/token")]
            yield step, number if step["loop"] else None, len(calls)
