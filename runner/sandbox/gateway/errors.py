"""The venue's refusals: HTTP status, gRPC code and a message.

The form and the numbers come from docs.polymarket.us: institutional/introduction and trader-guide/error-handling.
"""

from __future__ import annotations

from runner.sandbox.gateway.message import Answer, json_answer


class Refused(Exception):
    """The gateway says no."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> Answer:
        """The refusal in the venue's error form."""
        return json_answer(self.status, {"code": self.code, "message": self.message, "details": []})


def invalid(message: str) -> Refused:
    """400, INVALID_ARGUMENT."""
    return Refused(400, 3, message)


def out_of_range(message: str) -> Refused:
    """400, OUT_OF_RANGE."""
    return Refused(400, 11, message)


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


def internal() -> Refused:
    """500, INTERNAL."""
    return Refused(500, 13, "internal error")
