"""The whole exchange behind its door: whatever comes in leaves with an answer, and with an entry in the log."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace

from runner.sandbox.control.calls import UNKNOWN, CallLog, LoggedCall
from runner.sandbox.control.clock import MovableClock
from runner.sandbox.delivery import PLAIN, Delivery
from runner.sandbox.directory import Directory
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.exchange.surprises import NONE, Surprises
from runner.sandbox.faults.armed import Armoury
from runner.sandbox.faults.course import Course
from runner.sandbox.gateway.call import PARTICIPANT_HEADER
from runner.sandbox.gateway.errors import wrong_host
from runner.sandbox.gateway.gateway import Gateway
from runner.sandbox.gateway.message import Answer, Request
from runner.sandbox.gateway.openapi import DOCUMENT_PATH, Document
from runner.sandbox.issuer import TOKEN_PATH
from runner.sandbox.oauth import TokenEndpoint

_UNSEEN = Answer(0, b"")


@dataclass(frozen=True, slots=True)
class House:
    """Everything that answers, and everything that a test may look at. ``hosts`` are the ``Host`` headers taken."""

    exchange: Exchange
    directory: Directory
    clock: MovableClock
    gateway: Gateway
    tokens: TokenEndpoint
    document: Document
    armoury: Armoury
    log: CallLog
    hosts: frozenset[str]

    async def serve(self, request: Request) -> tuple[Answer, Delivery]:
        """Answer one request, or let go wrong what was armed to; either way it is logged."""
        entry = self._entry(request)
        if request.headers.get("host", "") not in self.hosts:
            answer = wrong_host().answer()
            self.log.add(replace(entry, status=answer.status))
            return answer, PLAIN
        course, kinds = self.armoury.course(entry.operation, entry.participant)
        answer = await self._taken(request, course)
        status = 0 if course.delivery.lost else answer.status
        self.log.add(replace(entry, status=status, committed=course.commit, faults=kinds))
        return answer, course.delivery

    def respond(self, request: Request, surprises: Surprises = NONE) -> Answer:
        """Answer one request as the venue does, no matter what is armed."""
        if request.path == TOKEN_PATH:
            return self.tokens.respond(request)
        if request.path == DOCUMENT_PATH:
            return self.document.answer()
        # A user whose time has come is one before the gateway looks at the header that names him.
        self.exchange.advance()
        self.exchange.surprises = surprises
        try:
            return self.gateway.respond(request)
        finally:
            self.exchange.surprises = NONE

    def operation(self, request: Request) -> str:
        """What faults and the log call the operation of a request; empty if there is none."""
        if request.path in (TOKEN_PATH, DOCUMENT_PATH):
            return f"{request.method} {request.path}"
        return self.gateway.operation(request)

    async def _taken(self, request: Request, course: Course) -> Answer:
        """The answer at the end of a course."""
        if course.wait_before:
            await asyncio.sleep(course.wait_before)
        answer = course.rewritten(self._committed(request, course) if course.commit else _UNSEEN)
        if course.wait_after:
            await asyncio.sleep(course.wait_after)
        return answer

    def _committed(self, request: Request, course: Course) -> Answer:
        for symbol in course.halts:
            self.exchange.halt(symbol or _symbol_in(request))
        for _ in range(course.times - 1):
            self.respond(request, course.surprises)
        return self.respond(request, course.surprises)

    def _entry(self, request: Request) -> LoggedCall:
        """What the log says of a request before anything is known of its end."""
        return LoggedCall(
            sequence=self.log.next_sequence(),
            at=self.clock.now(),
            method=request.method,
            path=request.path,
            operation=self.operation(request) or UNKNOWN,
            participant=request.headers.get(PARTICIPANT_HEADER, ""),
            status=0,
            committed=False,
            faults=(),
        )


def _symbol_in(request: Request) -> str:
    """The symbol that a body names, empty if there is none."""
    try:
        return str(json.loads(request.body)["symbol"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
