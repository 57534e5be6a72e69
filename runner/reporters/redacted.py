"""A run's result without its secrets, so that no report can show the half of one that it has cut or escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from runner.record.events import RunStarted
from runner.redact import MASK, Redactor

T = TypeVar("T")
_OURS = frozenset({"status", "path", "severity", "going", "verdict"})


def redacted(value: T, redactor: Redactor) -> T:
    """The same value with every text in it masked but our own words, by which reports tell one thing from another."""
    masked: Any = _masked(value, redactor)
    plain: T = masked
    return plain


def _masked(value: object, redactor: Redactor) -> object:
    match value:
        case tuple():
            return tuple(_masked(item, redactor) for item in value)
        case Mapping() | list() | str():
            return _plain(value, redactor)
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if not _is_ours(value, each.name)]
        return replace(value, **{name: _masked(getattr(value, name), redactor) for name in names})
    return value


def _is_ours(value: object, name: str) -> bool:
    """Whether a field has words of our own: a step's path is made of ids, a playbook's is anything."""
    return name in _OURS and not isinstance(value, RunStarted)


def _plain(value: object, redactor: Redactor) -> object:
    """Data of the playbook's or the exchange's: there a number may be a secret, too."""
    match value:
        case str():
            return redactor.text(value)
        case Mapping():
            return {redactor.text(str(key)): _plain(item, redactor) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, redactor) for item in value]
        case int() | Decimal() if not isinstance(value, bool):
            return value if redactor.text(str(value)) == str(value) else MASK
    return value
