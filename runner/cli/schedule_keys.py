"""The keys of ``schedules`` in ``pmx.yaml``, and the reading of its entries.

Whether an expression comes to a moment and a time zone exists is left to ``pmx-run schedule``: every run reads this
file, and need not load what knows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from runner.cli.notify_keys import matching, one_of
from runner.diagnostic import nearest
from runner.playbook.nodes import ListNode, MapNode, ScalarNode
from runner.schedule.model import DAYS, MAINTENANCE, NICKNAMES, Schedule, Window
from runner.value import DURATION, MAPPING, NAME, Kind, WrongValue, count, list_of, shown

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.playbook.nodes import Node, NodeEntry
    from runner.source import Span

NAME_TEXT = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
_FIELD = "[0-9A-Za-z*,/#-]+"
_CRON = f"^({'|'.join(NICKNAMES)}|{_FIELD}( +{_FIELD}){{4}})$"
_CLOCK = matching("^([01][0-9]|2[0-3]):[0-5][0-9]$", 'a time of day in quotes, such as "02:00",')
KEYS: Mapping[str, Kind] = {
    "playbook": NAME,
    "cron": matching(_CRON, "a cron expression of five fields, such as `30 9 * * mon-fri`, or `@daily`"),
    "timezone": NAME,
    "environment": NAME,
    "inputs": MAPPING,
    "overlap": one_of("skip", "queue"),
    "catch_up": one_of("none", "last", "all"),
    "within": DURATION,
    "jitter": DURATION,
    "calls": count(at_most=1_000_000),
}
"""The keys of a schedule besides its windows, ``blackout`` and ``maintenance``."""

WINDOW: Mapping[str, Kind] = {"days": list_of(one_of(*DAYS)), "from": _CLOCK, "to": _CLOCK, "timezone": NAME}
_NAMES = (*KEYS, "blackout", "maintenance")


def schedules(node: Node, complaints: Complaints) -> dict[str, Schedule]:
    """Each schedule by its name; what is wrong is complained about."""
    if not isinstance(node, MapNode):
        if node.plain() is not None:
            complaints.add(node.span, "`schedules` must be a mapping of names", "not a mapping")
        return {}
    return {entry.key: found for entry in node.entries if (found := _Reading(complaints).schedule(entry)) is not None}


class _Reading:
    """One entry on its way to a schedule."""

    def __init__(self, complaints: Complaints) -> None:
        self._complaints = complaints
        self._right = True

    def _wrong(self, span: Span, title: str, label: str = "", help: str = "") -> None:
        self._right = False
        self._complaints.add(span, title, label, help)

    def schedule(self, entry: NodeEntry) -> Schedule | None:
        """The schedule, None if something is wrong with it."""
        node = entry.node
        if not re.fullmatch(NAME_TEXT, entry.key):
            help = "it becomes a part of file names and run ids: small letters, digits and `-`, 40 at most"
            self._wrong(entry.key_span, f"`{entry.key}` is no name of a schedule", "", help)
        if not isinstance(node, MapNode):
            self._wrong(node.span, "a schedule must be a mapping", "not a mapping")
            return None
        given = self._values(node, KEYS, _NAMES, "a schedule")
        windows = self._windows(node, given.get("timezone", "UTC"))
        for key in ("playbook", "cron"):
            if node.get(key) is None:
                self._wrong(entry.key_span, f"schedule `{entry.key}` has no `{key}`", "here")
        self._check_catching_up(entry, given)
        places = {"": entry.key_span} | {each.key: each.node.span for each in node.entries}
        return _made(entry.key, given, windows, places) if self._right else None

    def _check_catching_up(self, entry: NodeEntry, given: Mapping[str, Any]) -> None:
        policy = given.get("catch_up", "none")
        if policy != "none" and "within" not in given:
            help = (
                "an order of 9:00 that is sent at 17:00 is another order; say how late is not too late: `within: 30m`"
            )
            self._wrong(entry.key_span, f"`catch_up: {policy}` needs `within`", "here", help)
        if "within" in given and policy == "none":
            title = "`within` says how late `catch_up` may be, and nothing is caught up"
            self._wrong(entry.key_span, title, "here", "add `catch_up: last` or `catch_up: all`")

    def _values(self, node: MapNode, kinds: Mapping[str, Kind], names: tuple[str, ...], of: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for entry in node.entries:
            kind, value = kinds.get(entry.key), entry.node.plain()
            if kind is None:
                if entry.key not in names:
                    help = nearest(entry.key, names) or f"its keys are {', '.join(names)}"
                    self._wrong(entry.key_span, f"unknown key `{entry.key}`", f"not a key of {of}", help)
            else:
                try:
                    found[entry.key] = kind.read(value)
                except WrongValue as wrong:
                    self._wrong(entry.node.span, f"wrong value of `{entry.key}`", str(wrong))
        return found

    def _windows(self, node: MapNode, timezone: str) -> tuple[Window, ...]:
        maintenance, blackout = node.get("maintenance"), node.get("blackout")
        found: list[Window | None] = []
        if maintenance is None:
            found.append(MAINTENANCE)
        elif not (isinstance(maintenance, ScalarNode) and maintenance.value is False):
            found.append(self._window(maintenance, "maintenance", MAINTENANCE.timezone))
        if isinstance(blackout, ListNode):
            found += [self._window(item, "blackout", timezone) for item in blackout.items]
        elif blackout is not None:
            self._wrong(blackout.span, "`blackout` must be a list of windows", "not a list")
        return tuple(each for each in found if each is not None)

    def _window(self, node: Node, name: str, timezone: str) -> Window | None:
        help = 'such as {days: [sat, sun], from: "00:00", to: "06:00", timezone: America/New_York}'
        if not isinstance(node, MapNode):
            wanted = "false or a window" if name == "maintenance" else "a window"
            self._wrong(node.span, f"`{name}` takes {wanted}, not {shown(node.plain())}", "", help)
            return None
        given = self._values(node, WINDOW, tuple(WINDOW), "a window")
        if "from" not in given or "to" not in given:
            if self._right:
                self._wrong(node.first, "a window has `from` and `to`", "", help)
            return None
        days = tuple(given.get("days") or DAYS)
        start, end = time.fromisoformat(given["from"]), time.fromisoformat(given["to"])
        return Window(name, days, start, end, given.get("timezone", timezone))


def _made(name: str, given: Mapping[str, Any], windows: tuple[Window, ...], places: Mapping[str, Span]) -> Schedule:
    within = given.get("within")
    return Schedule(
        name,
        given["playbook"],
        NICKNAMES.get(given["cron"], " ".join(given["cron"].split())),
        given.get("timezone", "UTC"),
        given.get("environment"),
        given.get("inputs", {}),
        given.get("overlap", "skip"),
        given.get("catch_up", "none"),
        None if within is None else timedelta(milliseconds=within),
        windows,
        timedelta(milliseconds=given.get("jitter", 0)),
        given.get("calls"),
        places,
    )
