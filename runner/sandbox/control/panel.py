"""The control port's own door: a loopback ``Host`` and the token printed at the start, then one of a few calls.

Together they keep a web page out: a page's request carries neither, and a name that was bent to this machine shows in
``Host``. Answers are JSON with snake_case keys; a refusal is ``{"error": "..."}``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import parse_qs, unquote

from runner.sandbox.control import acts, sight
from runner.sandbox.control.wish import Wish, WrongWish
from runner.sandbox.delivery import PLAIN, Delivery
from runner.sandbox.gateway.message import Answer, Request, json_answer
from runner.sandbox.house import House

_MOST_PARAMETERS = 10
_Act: TypeAlias = Callable[[House, Wish], object]

CALLS: Mapping[str, _Act] = {
    "GET /status": sight.status,
    "GET /calls": sight.calls,
    "GET /orders": sight.orders,
    "GET /faults": sight.faults,
    "POST /faults": acts.arm,
    "DELETE /faults": acts.disarm_all,
    "DELETE /faults/{id}": acts.disarm,
    "GET /clock": sight.clock,
    "POST /clock": acts.turn_clock,
    "GET /keys": sight.keys,
    "POST /keys": acts.add_key,
    "DELETE /keys/{id}": acts.revoke_key,
    "POST /scopes": acts.set_scopes,
    "POST /accounts/fund": acts.fund,
    "POST /instruments/state": acts.set_state,
    "POST /instruments/settlement": acts.settle,
}
"""Every control call: method and path, and what it does."""


class Panel:
    """Answers control calls about one exchange. ``url`` is where it is reached."""

    def __init__(self, house: House, token: str, url: str) -> None:
        self._house = house
        self._token = token.encode()
        port = url.rpartition(":")[2]
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def serve(self, request: Request) -> tuple[Answer, Delivery]:
        """Answer one control call; every refusal is an answer too."""
        return self.respond(request), PLAIN

    def respond(self, request: Request) -> Answer:
        """The same, at once."""
        if request.headers.get("host", "") not in self._hosts:
            return _refused(464, "unknown host")
        if not self._knows(request.headers.get("authorization", "")):
            return _refused(401, "the control token is missing or wrong")
        name, captured = _call_of(request)
        if name not in CALLS:
            return _refused(404, f"there is no such control call; there are: {', '.join(CALLS)}")
        try:
            wish = Wish.read(request.body, _query(request.query) | captured)
            return json_answer(200, CALLS[name](self._house, wish))
        except WrongWish as error:
            return _refused(400, str(error))

    def _knows(self, authorization: str) -> bool:
        kind, _, token = authorization.partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(token.encode("latin-1", "replace"), self._token)


def _call_of(request: Request) -> tuple[str, dict[str, str]]:
    """The name of a call, and what its path captures."""
    first, _, rest = request.path.removeprefix("/").partition("/")
    fixed = f"{request.method} {request.path}"
    if fixed in CALLS or not rest:
        return fixed, {}
    return f"{request.method} /{first}/{{id}}", {"id": unquote(rest)}


def _query(text: str) -> dict[str, str]:
    try:
        return {name: values[-1] for name, values in parse_qs(text, max_num_fields=_MOST_PARAMETERS).items()}
    except ValueError as error:
        raise WrongWish("the query makes no sense") from error


def _refused(status: int, text: str) -> Answer:
    return json_answer(status, {"error": text})
