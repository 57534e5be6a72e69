"""From what an action foresees to requests: those that the client would make, with marks for what is to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.foreseen import Foreseen, SignIn, times
from runner.foresight.model import ForeseenRequest
from runner.frozen import frozen
from runner.later import Later, holds_later
from runner.redact import MASK
from runner.venue import asks
from runner.venue.asks import Ask, FreeAsk, Word
from runner.venue.auth import token_request
from runner.venue.operations import Bucket, Operation

_PERHAPS = {
    "Authorization": str(Later("the token, if it is a call of the venue that wants one")),
    "x-participant-id": str(Later("the participant, if it is a call of the venue that is made for one")),
}
_ASSERTION = Later("client assertion, signed just before it is sent")


@frozen
class Surroundings:
    """Where a run will act, as far as the settings tell; what only the embedded exchange will tell is ``Later``.

    ``known`` is what expressions see of it. ``rates`` are those that the settings state, None for no limit.
    """

    known: Mapping[str, str]
    auth_url: Word
    client_id: Word
    audience: Word
    participant: Word
    account: Word
    firm_pinned: bool
    rates: Mapping[str, Bucket | None]

    def sign_in(self, *, certain: bool = True) -> ForeseenRequest:
        """The request for a token."""
        request = token_request(str(self.auth_url), self.client_id, self.audience, _ASSERTION)
        when = "" if certain else "unless there is a token yet"
        return ForeseenRequest(request, None, Foreseen(SignIn(), 1, when), False, 1, 0)

    def bucket(self, operation: Operation) -> Bucket | None:
        """The rate limit of an operation, None if it has none."""
        return self.rates.get(operation.name, operation.bucket)


def guarded(calls: list[Foreseen], surroundings: Surroundings) -> list[Foreseen]:
    """The calls with the one that asks who we are, where the firm is pinned and something is changed."""
    changes = any(isinstance(each.ask, Ask) and each.ask.operation.effect == "changes" for each in calls)
    if not (surroundings.firm_pinned and changes):
        return calls
    when = "before the first change as this participant, since the firm is pinned"
    return [Foreseen(asks.whoami(), when=when, counted=False), *calls]


def requests_of(
    calls: list[Foreseen],
    surroundings: Surroundings,
    participant: Word,
    polls: int | None,
    tries: int,
    seconds: float | None,
    more: int = 0,
) -> Iterator[ForeseenRequest]:
    """The requests of one performance that polls so often at most in so many seconds, each poll tried so often.

    ``more`` tells how often the whole performance is tried again within its time.
    """
    for call in calls:
        if isinstance(call.ask, SignIn):
            yield surroundings.sign_in()
        else:
            usual = times(call.most, call.polls(polls, seconds))
            again = times(usual, tries) if call.trouble else _more(times(usual, tries - 1), more)
            yield _request(call, call.ask, participant, 0 if call.trouble else usual, again)


def _request(
    call: Foreseen, ask: Ask | FreeAsk, participant: Word, most: int | None, again: int | None
) -> ForeseenRequest:
    operation, request = ask.operation, ask.request("", participant)
    known = not any(map(holds_later, (request.body, request.headers, ask.query or {}, *_places(ask))))
    if operation is not None and operation.signed:
        request = request.with_headers({"Authorization": f"Bearer {MASK}"})
    elif any(map(holds_later, _places(ask))):
        request = request.with_headers(_PERHAPS)
    return ForeseenRequest(request, operation, call, known, most, again)


def _more(again: int | None, more: int) -> int | None:
    return None if again is None else again + more


def _places(ask: Ask | FreeAsk) -> tuple[object, ...]:
    return (ask.path,) if isinstance(ask, Ask) else (ask.place, ask.method)
