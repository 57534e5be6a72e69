"""The keys of ``pmx.yaml`` with their kinds, and the reading of a tree of nodes by them.

The tables are repeated for editors by ``schemas/pmx.schema.json`` (a test holds the two together): a file of a
dozen lines is checked by them in no time, while loading a validator takes longer than all else before the first
request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.diagnostic import nearest
from runner.playbook.complaints import Complaints
from runner.playbook.nodes import MapNode
from runner.settings import ConfigFile, Setting
from runner.source import Source
from runner.value import DECIMAL, DECIMAL_TEXT, DURATION, FLAG, NAME, WHOLE, Kind, WrongValue, count, list_of, shown

if TYPE_CHECKING:
    from runner.playbook.nodes import Node, NodeEntry
    from runner.schedule.model import Schedule


def _seconds(value: object) -> Decimal:
    if not isinstance(value, str):
        raise WrongValue(f"a duration such as `20s` is wanted, not {shown(value)}")
    return Decimal(DURATION.read(value)) / 1000


def _text(value: object) -> str:
    text = str(NAME.read(value))
    if not text:
        raise WrongValue("a text is wanted, not an empty one")
    return text


def _at_least_zero(kind: Kind) -> Kind:
    """The same kind of number without its negative half."""

    def read(value: object) -> Any:
        number = kind.read(value)
        if number < 0:
            raise WrongValue(f"a number from 0 on is wanted, not {number}")
        return number

    positive = {"type": "string", "pattern": DECIMAL_TEXT.replace("-?", "")}
    decimal = {"anyOf": [{"type": "number", "minimum": 0}, positive]}
    return Kind(decimal if kind is DECIMAL else {**kind.schema, "minimum": 0}, read)


def _some(kind: Kind) -> Kind:
    """A list of at least one: an empty one would let nobody through, and look as if it let everybody."""
    names = list_of(kind)

    def read(value: object) -> tuple[Any, ...]:
        found = tuple(names.read(value))
        if not found:
            raise WrongValue("a list of at least one is wanted; leave the key out to pin nothing")
        return found

    return Kind({**names.schema, "minItems": 1}, read)


def _fingerprint(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(_FINGERPRINT, text):
        raise WrongValue(f"a fingerprint as `pmx-run keys fingerprint` shows it is wanted, not {shown(text)}")
    return text


_TEXT = Kind(NAME.schema, _text)
_NAMES = list_of(_TEXT)
PER_DAY: Mapping[str, Kind] = {"orders": _at_least_zero(WHOLE), "exposure": _at_least_zero(DECIMAL)}
_FINGERPRINT = "^(SHA256:)?([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$"
LIMITS: Mapping[str, Kind] = {
    "orders": _at_least_zero(WHOLE),
    "exposure": _at_least_zero(DECIMAL),
    "order_exposure": _at_least_zero(DECIMAL),
    "order_quantity": _at_least_zero(DECIMAL),
    "requests": _at_least_zero(WHOLE),
    "symbols": Kind(_NAMES.schema, lambda value: tuple(_NAMES.read(value))),
    "environments": Kind(_NAMES.schema, lambda value: tuple(_NAMES.read(value))),
}
PINS: Mapping[str, Kind] = {
    "client_ids": _some(_TEXT),
    "key_fingerprints": _some(Kind({"type": "string", "pattern": _FINGERPRINT}, _fingerprint)),
    "firms": _some(_TEXT),
    "participants": _some(_TEXT),
}
_EVERYWHERE: Mapping[str, Kind] = {
    "state_dir": _TEXT,
    "ca_bundle": _TEXT,
    "reconcile_window": Kind(DURATION.schema, _seconds),
    "resume_within": Kind(DURATION.schema, _seconds),
}
TOP: Mapping[str, Kind] = {"environment": _TEXT, "retention": count(at_most=36_500), **_EVERYWHERE}
ENVIRONMENT: Mapping[str, Kind] = {
    "base_url": _TEXT,
    "auth_url": _TEXT,
    "audience": _TEXT,
    "client_id": _TEXT,
    "private_key_path": _TEXT,
    "participant_id": _TEXT,
    "account": _TEXT,
    "production": FLAG,
    **_EVERYWHERE,
}
PLANNED = frozenset({"grpc_target", "profiles"})


def rates() -> Mapping[str, Kind]:
    """The keys of ``rates``: every operation of the venue, each with a rate such as ``12/min``."""
    from runner.venue.operations import OPERATIONS, RATE_TEXT

    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(RATE_TEXT, value, re.ASCII):
            raise WrongValue(f"a rate such as `12/min`, `30/s` or `off` is wanted, not {shown(value)}")
        return value

    kind = Kind({"type": "string", "pattern": RATE_TEXT}, read)
    return dict.fromkeys(OPERATIONS, kind)


_GROUPS: Mapping[str, Callable[[], Mapping[str, Kind]]] = {
    "limits": lambda: LIMITS,
    "pins": lambda: PINS,
    "rates": rates,
}


class ConfigReading:
    """One file on its way to plain settings; problems are gathered, so that all are told at once."""

    __slots__ = ("_complaints", "_source")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._complaints = Complaints(source)

    def file(self, tree: Node, folder: Path) -> ConfigFile:
        """The whole file; raises ``WrongInput`` with every problem in it."""
        top: dict[str, Setting[Any]] = {}
        environments: dict[str, Mapping[str, Setting[Any]]] = {}
        schedules: dict[str, Schedule] = {}
        for entry in self._entries(tree, "the file"):
            if entry.key == "environments":
                environments = self._environments(entry.node)
            elif entry.key == "schedules":
                schedules = self._schedules(entry.node)
            else:
                names = (*TOP, "limits", "rates", "notify", "schedules", "environments")
                top |= self._settings(entry, TOP, names, "the top of this file")
        self._complaints.raise_any()
        return ConfigFile(self._source, folder, top, environments, schedules)

    def _schedules(self, node: Node) -> dict[str, Schedule]:
        from runner.cli.schedule_keys import schedules

        return schedules(node, self._complaints)

    def _environments(self, node: Node) -> dict[str, Mapping[str, Setting[Any]]]:
        return {each.key: self._environment(each.node) for each in self._entries(node, "`environments`")}

    def _environment(self, node: Node) -> dict[str, Setting[Any]]:
        found: dict[str, Setting[Any]] = {}
        for entry in self._entries(node, "an environment"):
            found |= self._settings(entry, ENVIRONMENT, (*ENVIRONMENT, *_GROUPS, "notify"), "an environment")
        return found

    def _settings(
        self, entry: NodeEntry, kinds: Mapping[str, Kind], names: Iterable[str], of: str
    ) -> dict[str, Setting[Any]]:
        """The setting of one entry by its key: several for a group of them, none if something is wrong with it."""
        if entry.key == "notify":
            from runner.cli.notify_keys import channels

            span = entry.node.span
            return {"notify": Setting(channels(entry.node, self._complaints), str(span), span)}
        kinds_of_group = _GROUPS.get(entry.key)
        if kinds_of_group is not None and entry.key in names:
            return self._group(entry, kinds_of_group())
        return self._setting(entry, kinds, names, of)

    def _group(self, group: NodeEntry, kinds: Mapping[str, Kind]) -> dict[str, Setting[Any]]:
        """Settings that stand together under one key, which comes before theirs, with a dot."""
        found: dict[str, Setting[Any]] = {}
        for entry in self._entries(group.node, f"`{group.key}`"):
            if group.key == "limits" and entry.key == "per_day":
                found |= self._per_day(entry.node)
            else:
                names = (*kinds, "per_day") if group.key == "limits" else kinds
                found |= self._setting(entry, kinds, names, f"`{group.key}`")
        return {f"{group.key}.{key}": setting for key, setting in found.items()}

    def _per_day(self, node: Node) -> dict[str, Setting[Any]]:
        found: dict[str, Setting[Any]] = {}
        for entry in self._entries(node, "`per_day`"):
            found |= self._setting(entry, PER_DAY, PER_DAY, "`per_day`")
        return {f"per_day.{key}": setting for key, setting in found.items()}

    def _setting(
        self, entry: NodeEntry, kinds: Mapping[str, Kind], names: Iterable[str], of: str
    ) -> dict[str, Setting[Any]]:
        kind, span = kinds.get(entry.key), entry.node.span
        if kind is None:
            self._complain_of_key(entry, names, of)
            return {}
        try:
            return {entry.key: Setting(kind.read(entry.node.plain()), str(span), span)}
        except WrongValue as wrong:
            self._complaints.add(span, f"wrong value of `{entry.key}`", str(wrong))
            return {}

    def _complain_of_key(self, entry: NodeEntry, names: Iterable[str], of: str) -> None:
        if entry.key in PLANNED:
            self._complaints.add(entry.key_span, f"`{entry.key}` is not yet supported", help="remove it for now")
            return
        help = nearest(entry.key, names) or f"its keys are {', '.join(names)}"
        self._complaints.add(entry.key_span, f"unknown key `{entry.key}`", f"not a key of {of}", help)

    def _entries(self, node: Node, what: str) -> Iterator[NodeEntry]:
        """The entries of a mapping; null is one that was left empty, anything else a problem."""
        if isinstance(node, MapNode):
            yield from node.entries
        elif node.plain() is not None:
            self._complaints.add(node.span, f"{what} must be a mapping", "not a mapping")
