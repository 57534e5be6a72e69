"""Bodies: exact numbers out and in, and nothing that an answer may hold can hurt.

An answer is read within bounds: 16 MiB, 100 levels, numbers of 38 digits with exponents within 30.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from runner.redact import Secret

if TYPE_CHECKING:
    from requests import Response

LARGEST = 16 * 1024 * 1024
_PIECE = 64 * 1024
_DEEPEST = 100
_MOST_DIGITS = 38
_MOST_EXPONENT = 30


class Unusable(Exception):
    """An answer that can't be read; the text says why."""


def encoded(value: object) -> str:
    """``value`` as JSON: decimals with all their digits, secrets revealed, aware times in ISO form."""
    match value:
        case Secret():
            return json.dumps(value.reveal())
        case Decimal():
            return str(value)
        case datetime():
            return json.dumps(value.isoformat())
        case Mapping():
            return "{" + ",".join(f"{json.dumps(str(key))}:{encoded(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(encoded, value)) + "]"
    return json.dumps(value, allow_nan=False)


def read(response: Response) -> bytes:
    """The whole body, decompressed; ``Unusable`` beyond 16 MiB."""
    declared = response.headers.get("Content-Length", "")
    if len(declared) > len(str(LARGEST)) or (declared.isdecimal() and int(declared) > LARGEST):
        _too_large(response)
    pieces, size = [], 0
    while piece := response.raw.read(_PIECE, decode_content=True):
        size += len(piece)
        if size > LARGEST:
            _too_large(response)
        pieces.append(piece)
    return b"".join(pieces)


def decoded(raw: bytes) -> Any:
    """A JSON body as plain data, None if there is none; ``Unusable`` if it is not JSON within the bounds."""
    if not raw:
        return None
    try:
        text = raw.decode()
        value = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_constant)
    except UnicodeDecodeError:
        raise Unusable("its text is not UTF-8") from None
    except RecursionError:
        raise Unusable("it is nested too deeply") from None
    except ValueError as problem:
        raise Unusable(f"it is not JSON: {problem}") from None
    if text.count("[") + text.count("{") > _DEEPEST:
        _check_depth(value)
    if "\\u" in text:
        _check_text(value)
    return value


def text_of(raw: bytes) -> str:
    """A body that need not be JSON, as text."""
    return raw.decode(errors="replace")


def _too_large(response: Response) -> NoReturn:
    response.close()
    raise Unusable(f"it is larger than {LARGEST // 1024 // 1024} MiB")


def _decimal(text: str) -> Decimal:
    if len(text) > 3 * _MOST_DIGITS:
        raise Unusable("a number has too many digits")
    number = Decimal(text)
    if len(number.as_tuple().digits) > _MOST_DIGITS or abs(int(number.as_tuple().exponent)) > _MOST_EXPONENT:
        raise Unusable("a number has too many digits or too large an exponent")
    return number


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > _MOST_DIGITS:
        raise Unusable("a number has too many digits")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise Unusable(f"{text} is not a number")


def _check_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [item for each in level for item in _contained(each)]
        if not level:
            return
    raise Unusable("it is nested too deeply")


def _contained(value: object) -> list[object]:
    match value:
        case dict():
            return [each for each in value.values() if isinstance(each, dict | list)]
        case list():
            return [each for each in value if isinstance(each, dict | list)]
    return []


def _check_text(value: object) -> None:
    """Half a surrogate pair, written as an escape, is no text: nothing could write it down again."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise Unusable("a text in it is not Unicode") from None
