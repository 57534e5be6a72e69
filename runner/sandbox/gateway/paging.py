"""Pages of a listing. A token is opaque to clients; like the venue's printed examples it is base64 of a JSON offset."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TypeVar

from runner.sandbox.gateway.errors import invalid

_Item = TypeVar("_Item")
_LONGEST = 200


def page(items: Sequence[_Item], size: int, token: str) -> tuple[Sequence[_Item], str]:
    """One page of at most ``size`` items and the token of the next, empty at the end. Raises Refused (400)."""
    start = _offset(token) if token else 0
    end = start + size
    return items[start:end], _token(end) if end < len(items) else ""


def _token(offset: int) -> str:
    return base64.b64encode(json.dumps({"o": offset}).encode()).decode()


def _offset(token: str) -> int:
    try:
        offset = json.loads(base64.b64decode(token, validate=True))["o"] if len(token) <= _LONGEST else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise invalid("invalid page token") from error
    if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
        raise invalid("invalid page token")
    return offset
