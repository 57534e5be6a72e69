"""Pages of a listing.

A token is opaque to clients; like the venue's printed examples it is base64 of a JSON offset. It also names the query
it belongs to: the venue asks for all other fields to stay the same from page to page, so another query's token is 400.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import TypeVar

from runner.sandbox.gateway.errors import invalid

_Item = TypeVar("_Item")
_LONGEST = 200


def page(items: Sequence[_Item], size: int, token: str, query: str, name: str = "o") -> tuple[Sequence[_Item], str]:
    """One page of at most ``size`` items and the token of the next, empty at the end. Raises Refused (400).

    ``name`` is what the family of operations calls the offset inside its tokens.
    """
    bound = _fingerprint(query) if token or len(items) > size else ""
    start = _offset(token, bound, name) if token else 0
    end = start + size
    return items[start:end], _token(end, bound, name) if end < len(items) else ""


def _fingerprint(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _token(offset: int, bound: str, name: str) -> str:
    return base64.b64encode(json.dumps({name: offset, "q": bound}, separators=(",", ":")).encode()).decode()


def _offset(token: str, bound: str, name: str) -> int:
    try:
        held = json.loads(base64.b64decode(token, validate=True)) if len(token) <= _LONGEST else {}
        offset, query = held[name], held["q"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise invalid("invalid page token") from error
    if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
        raise invalid("invalid page token")
    if query != bound:
        raise invalid("the page token belongs to another query")
    return offset
