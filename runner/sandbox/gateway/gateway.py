"""The way of a request through the gateway: route, token and scope, participant, body, handler, answer."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from runner.sandbox.directory import Client
from runner.sandbox.exchange.accounts import Participant
from runner.sandbox.gateway.bearer import Gatekeeper
from runner.sandbox.gateway.call import PARTICIPANT_HEADER, Call, Handler, Setting, acting
from runner.sandbox.gateway.errors import Refused, denied, internal, not_found, wrong_method
from runner.sandbox.gateway.fields import Fields, parse
from runner.sandbox.gateway.message import Answer, Request, json_answer

_ANONYMOUS = Client(id="", firm="", clearing_firm="", keys=(), scopes=())


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. An empty scope means that no token is asked for."""

    method: str
    path: str
    handler: Handler
    scope: str = ""
    needs_participant: bool = False


class Gateway:
    """Answers every request under ``/v1/``; nothing a client sends makes it fail."""

    def __init__(self, routes: Iterable[Route], gatekeeper: Gatekeeper, setting: Setting) -> None:
        self._routes = {(route.path, route.method): route for route in routes}
        self._paths = {path for path, _ in self._routes}
        self._gatekeeper = gatekeeper
        self._setting = setting

    def respond(self, request: Request) -> Answer:
        """Answer one request; every refusal is an answer too."""
        try:
            return self._served(request)
        except Refused as refusal:
            return refusal.answer()
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return internal().answer()

    def _served(self, request: Request) -> Answer:
        route = self._route(request)
        client, participant = self._caller(request, route)
        fields = parse(request.body) if request.method == "POST" else Fields({})
        call = Call(self._setting, client, participant, fields, request.parameters())
        return json_answer(200, self._setting.dialect.encode(route.handler(call)))

    def _route(self, request: Request) -> Route:
        route = self._routes.get((request.path, request.method))
        if route:
            return route
        if request.path in self._paths:
            raise wrong_method()
        if self._setting.rules.unknown_route == "not_found":
            raise not_found("no such route")
        raise denied("no such route")

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
