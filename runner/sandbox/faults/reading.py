"""Faults as somebody wrote them, in a YAML file or a control call: read, or refused with the place of the mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from runner.sandbox.faults.armed import Fault
from runner.sandbox.faults.effects import EFFECTS, Effect

_MOST = 1000


class WrongFaults(Exception):
    """The text says where and what."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What every fault may say beside its kind's own settings: when it strikes."""

    operation: str = "* /v1/*"
    participant: str = ""
    calls: tuple[int, ...] = ()
    share: float | None = None
    seed: int = 0


def read_file(path: Path) -> list[Fault]:
    """The faults of a YAML file. Raises WrongFaults, also for a file that cannot be read."""
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongFaults(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise WrongFaults(f"{path} is not YAML: {error}") from error
    try:
        return read(document)
    except WrongFaults as error:
        raise WrongFaults(f"{path}: {error}") from error


def read(document: object) -> list[Fault]:
    """The faults of ``{"faults": [...]}``. Raises WrongFaults."""
    if not isinstance(document, Mapping) or set(document) != {"faults"} or not isinstance(document["faults"], list):
        raise WrongFaults("an object with one key, `faults`, a list, is expected")
    listed = document["faults"]
    if len(listed) > _MOST:
        raise WrongFaults(f"faults: at most {_MOST} are taken")
    return [_fault(item, f"faults[{index}]") for index, item in enumerate(listed)]


def _fault(item: object, place: str) -> Fault:
    if not isinstance(item, Mapping):
        raise WrongFaults(f"{place}: an object is expected")
    kind = item.get("fault")
    if not isinstance(kind, str) or kind not in EFFECTS:
        raise WrongFaults(f"{place}.fault: one of {', '.join(EFFECTS)} is expected")
    rest = {key: value for key, value in item.items() if key != "fault"}
    known = _shape(EFFECTS[kind]) | _shape(_Choice)
    for key in rest:
        if key not in known:
            raise WrongFaults(f"{place}.{key}: {kind} has no such setting; it has: {', '.join(known)}")
    effect: Effect = _filled(EFFECTS[kind], rest, place)
    choice: _Choice = _filled(_Choice, rest, place)
    if choice.calls and choice.share is not None:
        raise WrongFaults(f"{place}: either calls or share")
    if choice.share is not None and not 0 <= choice.share <= 1:
        raise WrongFaults(f"{place}.share: a number from 0 to 1 is expected")
    return Fault(kind, effect, choice.operation, choice.participant, choice.calls, choice.share, choice.seed)


def _filled(kind: Any, given: Mapping[str, object], place: str) -> Any:
    """A value of a dataclass, its fields taken from what was given."""
    values: dict[str, object] = {}
    for name, (field, hint) in _shape(kind).items():
        if name in given:
            values[name] = _value(given[name], hint, f"{place}.{name}")
        elif field.default is MISSING:
            raise WrongFaults(f"{place}.{name}: is missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise WrongFaults(f"{place}.{error}") from error


@cache
def _shape(kind: Any) -> dict[str, tuple[Field[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: (field, hints[field.name]) for field in fields(kind)}


def _value(value: object, hint: Any, place: str) -> object:
    if get_origin(hint) is Literal:
        return _word(value, get_args(hint), place)
    if NoneType in get_args(hint):
        return None if value is None else _value(value, get_args(hint)[0], place)
    return _READERS[get_origin(hint) or hint](value, place)


def _word(value: object, words: tuple[str, ...], place: str) -> str:
    """One of a few words; a status may be written as the number it is."""
    word = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if word not in words:
        raise WrongFaults(f"{place}: one of {', '.join(words)} is expected")
    return word


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise WrongFaults(f"{place}: a text is expected")
    return value


def _whole(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise WrongFaults(f"{place}: a whole number is expected")
    return value


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e9:
        raise WrongFaults(f"{place}: a number is expected")
    return float(value)


def _numbers(value: object, place: str) -> tuple[int, ...]:
    """Numbers of calls, from 1; one may stand alone."""
    listed = value if isinstance(value, list) else [value]
    numbers = tuple(_whole(item, place) for item in listed)
    if not numbers or 0 in numbers:
        raise WrongFaults(f"{place}: numbers of calls from 1 are expected")
    return numbers


_READERS: Mapping[Any, Callable[[object, str], object]] = {str: _text, int: _whole, float: _number, tuple: _numbers}
