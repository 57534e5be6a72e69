"""A request as it came in and an answer as it goes out, free of any server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request with its whole body; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def parameters(self) -> dict[str, list[str]]:
        """The query parameters; each may have been given several times."""
        return parse_qs(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; the body is JSON."""

    status: int
    body: bytes


def json_answer(status: int, tree: object) -> Answer:
    """An answer from a tree of plain JSON values."""
    return Answer(status, json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode())
