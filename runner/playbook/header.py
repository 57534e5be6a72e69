"""A playbook's inputs, limits and defaults."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from runner.playbook.inputs import accept, typed
from runner.playbook.model import (
    DayLimits,
    Defaults,
    Duration,
    Input,
    InputType,
    Limit,
    Limits,
    NameLimit,
    OnFailure,
    Retry,
    RetryOn,
    Severity,
)
from runner.value import WrongValue

if TYPE_CHECKING:
    from runner.playbook.nodes import MapNode, Node, NodeEntry
    from runner.playbook.parts import Parts

ATTEMPTS = 3
BACKOFF_MILLISECONDS = 1_000
RETRIED: tuple[RetryOn, ...] = ("unreachable", "rate_limited", "server_error")


def inputs(node: Node | None, parts: Parts) -> tuple[Input, ...]:
    """Every input, its default and its enum checked against its own type and bounds."""
    return () if node is None else tuple(_input(entry, parts) for entry in parts.mapping(node).entries)


def _input(entry: NodeEntry, parts: Parts) -> Input:
    node = parts.mapping(entry.node)
    kind: InputType = parts.word(node.get("type"), "string", get_args(InputType))
    made = Input(
        name=entry.key,
        name_span=entry.key_span,
        type=kind,
        span=node.first,
        description=parts.string(node.get("description")),
        enum=_enum(node.get("enum"), kind, parts),
        minimum=parts.number(node.get("minimum")),
        maximum=parts.number(node.get("maximum")),
        pattern=_pattern(node.get("pattern"), parts),
        secret=parts.flag(node.get("secret")),
    )
    return _with_default(made, node, parts)


def _with_default(made: Input, node: MapNode, parts: Parts) -> Input:
    entry = next((each for each in node.entries if each.key == "default"), None)
    if entry is None:
        return made
    if made.secret:
        help = f"leave it out; the value comes from PMX_INPUT_{made.name.upper()}, --inputs, or a prompt"
        label = "a file is no place for it"
        parts.complaints.add(entry.key_span, "a secret input has no default", label, help, hidden=entry.node.span)
        return made
    try:
        return replace(made, has_default=True, default=accept(made, entry.node.plain()))
    except WrongValue as wrong:
        parts.complaints.add(entry.node.span, f"the default of `{made.name}` is not one of its values", str(wrong))
        return made


def _enum(node: Node | None, kind: InputType, parts: Parts) -> tuple[object, ...]:
    found: list[Any] = []
    for item in () if node is None else parts.items(node):
        try:
            found.append(typed(kind, item.plain()))
        except WrongValue as wrong:
            parts.complaints.add(item.span, f"this is no {kind}", str(wrong))
    return tuple(found)


def _pattern(node: Node | None, parts: Parts) -> str | None:
    if node is None:
        return None
    text = parts.string(node)
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        parts.complaints.add(node.span, "this is no regular expression", str(error))
        return None
    return text


def limits(node: Node | None, parts: Parts) -> Limits:
    """The limits that are stated."""
    if node is None:
        return Limits()
    written = parts.mapping(node)
    return Limits(
        orders=_limit(written.get("orders"), parts),
        exposure=_limit(written.get("exposure"), parts),
        order_exposure=_limit(written.get("order_exposure"), parts),
        order_quantity=_limit(written.get("order_quantity"), parts),
        requests=_limit(written.get("requests"), parts),
        per_day=_day_limits(written.get("per_day"), parts),
        symbols=_names(written.get("symbols"), parts),
        environments=_names(written.get("environments"), parts),
    )


def _limit(node: Node | None, parts: Parts) -> Limit | None:
    value = parts.number(node)
    return None if node is None or value is None else Limit(value, node.span)


def _day_limits(node: Node | None, parts: Parts) -> DayLimits:
    if node is None:
        return DayLimits()
    written = parts.mapping(node)
    return DayLimits(_limit(written.get("orders"), parts), _limit(written.get("exposure"), parts))


def _names(node: Node | None, parts: Parts) -> NameLimit | None:
    return None if node is None else NameLimit(parts.strings(node), node.span)


def defaults(node: Node | None, parts: Parts) -> Defaults:
    """What steps take where they say nothing themselves."""
    if node is None:
        return Defaults()
    written = parts.mapping(node)
    return Defaults(
        timeout=parts.time(written.get("timeout")),
        retry=retry(written.get("retry"), parts),
        on_failure=parts.word(written.get("on_failure"), "stop", get_args(OnFailure)),
        severity=parts.word(written.get("severity"), "required", get_args(Severity)),
    )


def retry(node: Node | None, parts: Parts) -> Retry | None:
    """A ``retry`` with what it leaves out filled in."""
    if node is None:
        return None
    written = parts.mapping(node)
    attempts = parts.number(written.get("attempts"))
    backoff = parts.time(written.get("backoff")) or Duration(BACKOFF_MILLISECONDS, node.span)
    on = written.get("on")
    words = tuple(parts.word(item, "unreachable", get_args(RetryOn)) for item in parts.items(on)) if on else RETRIED
    return Retry(ATTEMPTS if attempts is None else int(attempts), backoff, words, written.first)
