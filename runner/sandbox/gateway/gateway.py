"""The way of a request through the gateway: route, token and scope, participant, body, handler, answer."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable

from runner.sandbox.directory import Client
from runner.sandbox.exchange.accounts import Participant
from runner.sandbox.gateway.bearer import Gatekeeper
from runner.sandbox.gateway.buckets import Buckets, whole_seconds
from runner.sandbox.gateway.call import PARTICIPANT_HEADER, Call, Setting, acting
from runner.sandbox.gateway.errors import Refused, denied, exhausted, internal, not_found, wrong_method
from runner.sandbox.gateway.fields import parameters, parse
from runner.sandbox.gateway.message import Answer, Request
from runner.sandbox.gateway.routing import Found, Route, Router

_UNAUTHENTICATED = 401
_ANONYMOUS = Client(id="", firm="", clearing_firm="", keys=(), scopes=())


class Gateway:
    """Answers every request under ``/v1/``; nothing a client sends makes it fail."""

    def __init__(self, routes: Iterable[Route], gatekeeper: Gatekeeper, setting: Setting, buckets: Buckets) -> None:
        self._router = Router(routes)
        self._gatekeeper = gatekeeper
        self._setting = setting
        self._buckets = buckets

    def respond(self, request: Request) -> Answer:
        """Answer one request; every refusal is an answer too."""
        try:
            return self._served(request)
        except Refused as refusal:
            return self._refused(refusal)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return internal().answer()

    def operation(self, request: Request) -> str:
        """The operation that a request is for, empty if there is none."""
        try:
            found = self._router.find(request.method, request.path)
        except Refused:
            return ""
        return found.route.operation if found else ""

    def _served(self, request: Request) -> Answer:
        found = self._find(request)
        client, participant = self._caller(request, found.route)
        self._take(client, found.route)
        fields = parameters(request.query) if request.method == "GET" else parse(request.body)
        call = Call(self._setting, found.route.operation, client, participant, fields.with_members(found.captured))
        given = found.route.handler(call)
        return given if isinstance(given, Answer) else Answer(200, self._setting.dialect.encode(given))

    def _find(self, request: Request) -> Found:
        found = self._router.find(request.method, request.path)
        if found:
            return found
        if self._router.knows(request.path):
            raise wrong_method()
        if self._setting.rules.unknown_route == "not_found":
            raise not_found("no such route")
        raise denied("no such route")

    def _take(self, client: Client, route: Route) -> None:
        wait = self._buckets.take(client.firm, route.bucket) if route.bucket else 0
        if wait:
            raise exhausted(whole_seconds(wait) if self._setting.rules.retry_after == "on" else None)

    def _refused(self, refusal: Refused) -> Answer:
        if refusal.status == _UNAUTHENTICATED and self._setting.rules.unauthenticated_body == "empty":
            return Answer(refusal.status, b"")
        return refusal.answer()

    def _caller(self, request: Request, route: Route) -> tuple[Client, Participant | None]:
        if not route.scope:
            return _ANONYMOUS, None
        client = self._gatekeeper.admit(request, route.scope)
        participant = self._participant(request, client)
        if route.needs_participant:
            acting(participant)
        return client, participant

    def _participant(self, request: Request, client: Client) -> Participant | None:
        """The user named by the header, who must be of the client's firm (trader-guide/accounts-identity)."""
        name = request.headers.get(PARTICIPANT_HEADER, "")
        if not name:
            return None if self._setting.dialect.strict else self._default_participant(client)
        participant = self._setting.directory.participants.get(name)
        if not name.startswith(f"firms/{client.firm}/users/"):
            raise denied("cross-firm access")
        if participant is None:
            raise denied("unknown participant")
        return participant

    def _default_participant(self, client: Client) -> Participant | None:
        return next(iter(self._setting.directory.of_firm(client.firm)), None)
