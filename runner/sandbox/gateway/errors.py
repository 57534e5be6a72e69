"""The venue's refusals: HTTP status, gRPC code and a message.

The form and the numbers come from docs.polymarket.us: institutional/introduction and trader-guide/error-handling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.sandbox.gateway.message import Answer, json_answer


class Refused(Exception):
    """The gateway says no."""

    def __init__(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The refusal in the venue's error form."""
        tree = {"code": self.code, "message": self.message, "details": []}
        return replace(json_answer(self.status, tree), headers=self.headers)


def invalid(message: str) -> Refused:
    """400, INVALID_ARGUMENT."""
    return Refused(400, 3, message)


def out_of_range(message: str) -> Refused:
    """400, OUT_OF_RANGE."""
    return Refused(400, 11, message)


def failed_precondition(message: str) -> Refused:
    """400, FAILED_PRECONDITION."""
    return Refused(400, 9, message)


def unauthenticated(message: str) -> Refused:
    """401, UNAUTHENTICATED."""
    return Refused(401, 16, message)


def denied(message: str) -> Refused:
    """403, PERMISSION_DENIED."""
    return Refused(403, 7, f"permission denied: {message}")


def not_found(message: str) -> Refused:
    """404, NOT_FOUND."""
    return Refused(404, 5, message)


def wrong_method() -> Refused:
    """405, UNIMPLEMENTED."""
    return Refused(405, 12, "method not allowed")


def already_exists(message: str) -> Refused:
    """409, ALREADY_EXISTS."""
    return Refused(409, 6, message)


def aborted(message: str) -> Refused:
    """409, ABORTED."""
    return Refused(409, 10, message)


def too_large() -> Refused:
    """413; the venue documents no code for it."""
    return Refused(413, 3, "request body is too large")


def too_slow() -> Refused:
    """408 for a request that was not finished in time; the venue documents no code for it."""
    return Refused(408, 4, "the request was not finished in time")


def header_flood() -> Refused:
    """431 for too many or too large headers; the venue documents no code for it."""
    return Refused(431, 3, "request headers are too large")


def exhausted(retry_after: int | None) -> Refused:
    """429, RESOURCE_EXHAUSTED; ``retry_after`` is in seconds."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Refused(429, 8, "rate limit exceeded", headers)


def wrong_host() -> Refused:
    """464, which the venue's load balancer answers to a wrong ``Host`` (trader-guide/connection-issues)."""
    return Refused(464, 3, "unknown host")


def crowded() -> Refused:
    """503, UNAVAILABLE: more connections than the exchange takes."""
    return Refused(503, 14, "too many connections")


def internal() -> Refused:
    """500, INTERNAL."""
    return Refused(500, 13, "internal error")
