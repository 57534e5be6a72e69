"""A run's values as JSON has them, and as a text that people read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from runner.reporters.visible import cut

_LONGEST_TEXT = 1_000


def plain(value: object) -> Any:
    """Plain data as JSON has it: decimals as strings, times as ISO text, lengths of time in seconds as strings."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
        case timedelta():
            return format(Decimal(value // timedelta(microseconds=1)).scaleb(-6).normalize(), "f")
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


def written_out(value: object, most: int) -> str:
    """A value as indented JSON of at most so many characters, each text in it of at most 1,000."""
    return cut(json.dumps(_shortened(plain(value)), indent=2, ensure_ascii=False), most)


def in_short(value: object) -> str:
    """A value on one line: a text as it is, anything else as JSON."""
    data = plain(value)
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def _shortened(data: Any) -> Any:
    match data:
        case str():
            return cut(data, _LONGEST_TEXT)
        case dict():
            return {cut(key, _LONGEST_TEXT): _shortened(item) for key, item in data.items()}
        case list():
            return [_shortened(item) for item in data]
    return data
