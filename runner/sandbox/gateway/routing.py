"""Which operation a request is for: a table of rows, and the way from a method and a path to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from runner.sandbox.gateway.call import Handler
from runner.sandbox.gateway.errors import invalid


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    ``path`` may hold ``{symbol}``-like parts, which reach the handler as fields. An empty ``scope`` means that no token
    is asked for. ``bucket`` names the rate bucket that a call takes from, empty for none.
    """

    method: str
    path: str
    handler: Handler
    scope: str = ""
    needs_participant: bool = False
    bucket: str = ""

    @property
    def operation(self) -> str:
        """What the operation is called: method and path, captures in braces."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Found:
    """The row a request is for, with what its path says."""

    route: Route
    captured: Mapping[str, str]


class Router:
    """Finds rows; a path without captures goes before one with them."""

    __slots__ = ("_fixed", "_patterns")

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, dict[str, Route]] = {}
        self._patterns: list[tuple[tuple[str, ...], Route]] = []
        for route in routes:
            if "{" in route.path:
                self._patterns.append((tuple(route.path.split("/")), route))
            else:
                self._fixed.setdefault(route.path, {})[route.method] = route

    def find(self, method: str, path: str) -> Found | None:
        """The row for a request, or None. Raises Refused (400) if a captured part is not UTF-8."""
        fixed = self._fixed.get(path)
        if fixed:
            return Found(fixed[method], {}) if method in fixed else None
        parts = path.split("/")
        for pattern, route in self._patterns:
            if route.method == method and _fits(pattern, parts):
                return Found(route, _captured(pattern, parts))
        return None

    def knows(self, path: str) -> bool:
        """Whether any method is served at a path."""
        parts = path.split("/")
        return path in self._fixed or any(_fits(pattern, parts) for pattern, _ in self._patterns)


def _fits(pattern: tuple[str, ...], parts: list[str]) -> bool:
    if len(pattern) != len(parts):
        return False
    return all(wanted.startswith("{") or wanted == part for wanted, part in zip(pattern, parts, strict=True))


def _captured(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str]:
    try:
        return {
            wanted[1:-1]: unquote(part, errors="strict")
            for wanted, part in zip(pattern, parts, strict=True)
            if wanted.startswith("{")
        }
    except UnicodeDecodeError as error:
        raise invalid("the path is not UTF-8") from error
