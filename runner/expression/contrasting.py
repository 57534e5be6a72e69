"""What the values alone don't show of a comparison: where two texts part, which entry of a list comes nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches

from runner.expression.lookup import names_of
from runner.expression.previewing import Redact, preview, quoted
from runner.expression.values import kind_of, scalar_text
from runner.redact import Secret

_LONG_TEXT = 30
_BEFORE, _AFTER = 12, 24
_MOST_LOOKED_AT = 2_000
_LONGEST_COMPARED = 200
_NEAREST = 3
_SEEN_WHOLE = 5
_NUMBER = (int, Decimal)


def contrast(operator: str, left: object, right: object, redact: Redact, *, held: bool) -> Iterator[str]:
    """What to say of ``left operator right`` besides both values; ``held`` is whether it came out true."""
    if isinstance(left, Secret) or isinstance(right, Secret):
        return
    if operator in ("in", "notin"):
        if held is (operator == "in"):
            yield from _found(right, left)
        else:
            yield from _not_found(right, left, redact)
    elif operator in ("eq", "ne") and held is (operator == "ne"):
        yield from _different(left, right, redact)


def distance(left: object, right: object) -> str:
    """``4 less than`` or ``2d5h later than``: how far ``left`` is off ``right``, empty for other values."""
    if isinstance(left, bool) or isinstance(right, bool):
        return ""
    match left, right:
        case (int() | Decimal(), int() | Decimal()) | (datetime(), datetime()) | (timedelta(), timedelta()):
            off = left - right  # type: ignore[operator]
        case _:
            return ""
    if not off:
        return "equal to"
    more, less = ("later than", "earlier than") if isinstance(left, datetime) else ("more than", "less than")
    return f"{_length(abs(off))} {more if off == abs(off) else less}"


def _length(off: int | Decimal | timedelta) -> str:
    """A number, or a length of time as the language writes it: ``2d5h``."""
    if not isinstance(off, timedelta) or off < timedelta(minutes=2):
        return scalar_text(off)
    seconds = int(off.total_seconds())
    parts = ((seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def _different(left: object, right: object, redact: Redact) -> Iterator[str]:
    match left, right:
        case str(), str():
            yield from _texts(redact(left), redact(right))
        case list() | tuple(), list() | tuple():
            yield from _lists(left, right, redact)
        case Mapping(), Mapping():
            yield from _mappings(left, right, redact)
        case _ if None not in (left, right) and kind_of(left) != kind_of(right):
            yield f"{kind_of(left)} never equals {kind_of(right)}{_towards_number(left, right)}"


def _towards_number(left: object, right: object) -> str:
    of_text = isinstance(left, str) != isinstance(right, str) and {type(left), type(right)} & {int, Decimal}
    return "; `decimal(x)` makes a number of a text" if of_text else ""


def _texts(left: str, right: str) -> Iterator[str]:
    """Both are redacted already, so that no window shows a part of a secret."""
    if left == right:
        return
    if left.strip() == right.strip():
        yield "they differ in white space at the ends only"
    elif left.casefold() == right.casefold():
        yield "they differ in upper and lower case only"
    elif max(len(left), len(right)) > _LONG_TEXT:
        at = next((at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), None)
        at = min(len(left), len(right)) if at is None else at
        if at:
            yield f"they differ from character {at + 1} on: {_window(left, at)} and {_window(right, at)}"


def _window(text: str, at: int) -> str:
    if at >= len(text):
        return "the end"
    start, end = max(0, at - _BEFORE), at + _AFTER
    return quoted(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}", _LONGEST_COMPARED)


def _lists(left: Sequence[object], right: Sequence[object], redact: Redact) -> Iterator[str]:
    if len(left) != len(right):
        yield f"{_counted(left)}, not {len(right)}"
    elif len(left) <= _LONGEST_COMPARED and all(item in right for item in left) and all(each in left for each in right):
        yield "the same items in another sequence"
        return
    pairs = enumerate(zip(left, right, strict=False))
    at, one, other = next(((at, one, other) for at, (one, other) in pairs if one != other), (None, None, None))
    if at is not None:
        yield f"[{at}] is {preview(one, redact, 40)}, not {preview(other, redact, 40)}"


def _mappings(left: Mapping[str, object], right: Mapping[str, object], redact: Redact) -> Iterator[str]:
    both = [key for key in left if key in right and left[key] != right[key]]
    said = [f"`{key}` is {preview(left[key], redact, 40)}, not {preview(right[key], redact, 40)}" for key in both]
    said += [f"`{key}` is missing" for key in right if key not in left]
    said += [f"`{key}` is one too many" for key in left if key not in right]
    yield from said[:_NEAREST]
    if len(said) > _NEAREST:
        yield f"and {len(said) - _NEAREST} more fields"


def _found(container: object, value: object) -> Iterator[str]:
    match container:
        case str() if isinstance(value, str) and value:
            yield f"it stands there from character {container.index(value) + 1} on"
        case list() | tuple():
            yield f"it is [{container.index(value)}] of {_counted(container)}"


def _not_found(container: object, value: object, redact: Redact) -> Iterator[str]:
    match container:
        case str() if isinstance(value, str) and value.casefold() in container.casefold():
            yield "it stands there in other letters, upper and lower case differ"
        case Mapping() if container:
            yield names_of(container, str(value))
        case list() | tuple() if container:
            yield from filter(None, [_nearest(container, value, redact)])


def _nearest(items: Sequence[object], value: object, redact: Redact) -> str:
    """The entries that come nearest; a short list is seen whole, so there is something to say only of some of it."""
    looked_at = items[:_MOST_LOOKED_AT]
    if not isinstance(value, Mapping) and all(isinstance(item, Mapping) for item in looked_at):
        return f'its {_counted(items)} are mappings; pick a field of each with `map(attribute="…")`'
    alike = next((item for item in looked_at if _reads_alike(item, value)), None)
    if alike is not None:
        return f"it has {kind_of(alike)} {preview(alike, redact)}, and {kind_of(alike)} never equals {kind_of(value)}"
    near = _near(looked_at, value, redact)
    if near and len(near) < len(items):
        return f"nearest of {_counted(items)}: {', '.join(near)}"
    return f"none of {_counted(items)} is like it" if len(items) > _SEEN_WHOLE else ""


def _reads_alike(item: object, value: object) -> bool:
    """Whether they are a text and a number that look the same: ``"7"`` and ``7``."""
    one, other = (item, value) if isinstance(item, str) else (value, item)
    if not isinstance(one, str) or isinstance(other, bool) or not isinstance(other, _NUMBER):
        return False
    return one.strip() == scalar_text(other)


def _near(items: Sequence[object], value: object, redact: Redact) -> list[str]:
    if isinstance(value, str) and len(value) <= _LONGEST_COMPARED:
        texts = [redact(item) for item in items if isinstance(item, str) and len(item) <= _LONGEST_COMPARED]
        folded = {text.casefold(): text for text in texts}
        close = get_close_matches(redact(value).casefold(), folded, n=_NEAREST)
        return [quoted(folded[each]) for each in close]
    if isinstance(value, _NUMBER) and not isinstance(value, bool):
        numbers = {item for item in items if isinstance(item, _NUMBER) and not isinstance(item, bool)}
        return [scalar_text(each) for each in sorted(numbers, key=lambda each: abs(Decimal(each) - value))[:_NEAREST]]
    return []


def _counted(items: Sequence[object]) -> str:
    return "1 item" if len(items) == 1 else f"{len(items):,} items"
