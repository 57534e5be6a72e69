"""What one HTTP exchange is made of: the request, the answer, and the record of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any, TypeAlias

from runner import __version__
from runner.frozen import frozen
from runner.redact import MASK, Secret
from runner.venue.operations import Effect

_STANDARD = {
    "User-Agent": f"pmx-run/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}


@frozen
class Call:
    """One attempt, answered or not; it holds no secret.

    ``request`` is ``{"headers": ..., "body": ...}`` without ``Authorization``; ``response`` the body as plain data,
    None if there was none. ``headers`` are the answer's, in lower case. ``error`` says why there was no usable answer.
    """

    method: str
    url: str
    status: int | None
    started_at: datetime
    duration_ms: int
    request: Mapping[str, Any]
    response: object
    headers: Mapping[str, str]
    error: str | None


Heard: TypeAlias = Callable[[Call], None]


@frozen
class Answer:
    """The venue's answer: header names in lower case; ``body`` as plain data, a text if not JSON, None if empty."""

    status: int
    headers: Mapping[str, str]
    body: Any


@frozen
class Request:
    """A request ready to be sent. Header and body values may be ``Secret``: only the wire reveals them.

    ``time_limit`` is in seconds, from connecting to the last byte. ``any_text`` accepts an answer that isn't JSON.
    ``hidden`` names fields of the answer that no report may hold.
    """

    method: str
    url: str
    effect: Effect
    time_limit: float
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    body: object = None
    any_text: bool = False
    hidden: tuple[str, ...] = ()

    def with_headers(self, headers: Mapping[str, str | Secret]) -> Request:
        """The same with further headers."""
        return replace(self, headers={**self.headers, **headers})

    def wire_headers(self, length: object) -> dict[str, Any]:
        """All headers but those of the connection; ``length`` is that of the body in bytes, if there is one."""
        of_body = {} if self.body is None else {"Content-Type": "application/json", "Content-Length": str(length)}
        own = {name.lower() for name in self.headers}
        ours = {name: value for name, value in (_STANDARD | of_body).items() if name.lower() not in own}
        return ours | dict(self.headers)

    def shown(self) -> dict[str, Any]:
        """The request as a report may hold it."""
        headers = {name: masked(value) for name, value in self.headers.items() if name.lower() != "authorization"}
        return {"headers": headers, "body": masked(self.body)}


def revealed(value: object) -> Any:
    """``value`` as the wire will hold it, for a look at it that shows nothing."""
    match value:
        case Secret():
            return value.reveal()
        case Mapping():
            return {str(key): revealed(item) for key, item in value.items()}
        case list() | tuple():
            return [revealed(item) for item in value]
    return value


def masked(value: object) -> Any:
    """``value`` as plain data, each secret in it replaced."""
    match value:
        case Secret():
            return MASK
        case Mapping():
            return {str(key): masked(item) for key, item in value.items()}
        case list() | tuple():
            return [masked(item) for item in value]
        case datetime():
            return value.isoformat()
    return value
