"""What an action says in advance of the calls that it may make: each once, or so often at most, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TypeAlias

from runner.frozen import frozen
from runner.later import Later
from runner.venue.asks import Ask, FreeAsk, Listing, Word


@frozen
class SignIn:
    """The call for an access token."""


Asked: TypeAlias = "Ask | FreeAsk | SignIn"


@frozen
class Foreseen:
    """A call that may be made each time an action is performed, ``most`` times at most; None: nobody can tell.

    ``when`` is the condition in words, empty for a call that is always made. One in ``trouble`` is made only after
    another one went wrong. A call that is not ``counted`` does not use up the limit on requests. What it tells is kept
    for ``kept`` seconds: it is not made again as long.
    """

    ask: Asked
    most: int | None = 1
    when: str = ""
    trouble: bool = False
    counted: bool = True
    kept: float = 0.0

    def polls(self, polls: int | None, seconds: float | None) -> int | None:
        """How often it is made at most by a step that polls so often in so many seconds."""
        if not self.kept:
            return polls
        return polls if seconds is None else min(1 + int(seconds // self.kept), polls or sys.maxsize)


@frozen
class Outlook:
    """What is known in advance of how an action will be performed.

    ``seconds`` is how long the step may take, None if nobody knows yet. ``account`` is the settings', empty if the step
    has none; ``account_open`` tells that this may turn out to be none. ``after_replace`` tells that an order may have
    been replaced before, and may have another id since.
    """

    participant: Word
    account: Word
    account_open: bool
    seconds: float | None
    after_replace: bool = False

    def order_id_now(self, order_id: Word) -> Word:
        """The id that an order will have at the venue by then."""
        words = order_id.what if isinstance(order_id, Later) else order_id
        return Later(f"{words}, or its id since a replace") if self.after_replace else order_id


def pages(listing: Listing) -> Iterator[Foreseen]:
    """The calls of a listing, as many as it needs if the venue gives full pages."""
    yield Foreseen(listing.page())
    more = None if listing.pages is None else listing.pages - 1
    if more != 0:
        following = Later("page token, from the page before")
        yield Foreseen(listing.page(following), more, "while there are more rows")


def times(most: int | None, by: int | None) -> int | None:
    """So many times so many; None if nobody can tell."""
    return None if most is None or by is None else most * by
