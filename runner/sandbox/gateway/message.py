"""A request as it came in and an answer as it goes out, free of any server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request with its whole body; header names are lower case, the path still has its escapes."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; the body is JSON, or a line of JSON after another. ``headers`` come beside the usual ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(status: int, tree: object) -> Answer:
    """An answer from a tree of plain JSON values."""
    return Answer(status, json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode())
