"""What a handler is given: a request that has passed the gateway, and the exchange it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from runner.sandbox.directory import Client, Directory
from runner.sandbox.exchange.accounts import Account, Participant
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.faults.armed import Armoury
from runner.sandbox.gateway.dialect import Dialect
from runner.sandbox.gateway.errors import denied
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.message import Answer
from runner.sandbox.gateway.paging import page
from runner.sandbox.gateway.pieces import Scribe
from runner.sandbox.gateway.wire import Lines, Tree
from runner.sandbox.rules import Rules

_Item = TypeVar("_Item")
PARTICIPANT_HEADER = "x-participant-id"


@dataclass(frozen=True, slots=True)
class Setting:
    """What all calls share."""

    exchange: Exchange
    directory: Directory
    dialect: Dialect
    rules: Rules
    audience: str
    scribe: Scribe
    armoury: Armoury


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the client behind the token, the user it acts for, and what it asks for.

    ``fields`` holds the body of a call that has one, else the query parameters, and in both cases what was captured
    from the path, as the venue's gateway fills one message from all of them.
    """

    setting: Setting
    operation: str
    client: Client
    participant: Participant | None
    fields: Fields

    @property
    def exchange(self) -> Exchange:
        """The exchange the call is about."""
        return self.setting.exchange

    @property
    def strict(self) -> bool:
        """Whether the dialect demands what the venue demands."""
        return self.setting.dialect.strict

    def page(self, items: Sequence[_Item], size: int, name: str = "o") -> tuple[Sequence[_Item], str]:
        """The page that the call's ``pageToken`` asks for, and the token of the next. Raises Refused (400).

        ``name`` is what the family of operations calls the offset inside its tokens.
        """
        user = self.participant.name if self.participant else ""
        query = f"{self.operation} {user} {self.fields.canonical('page_token')}"
        return page(items, size, self.fields.text("page_token"), query, name)

    def acting(self) -> Participant:
        """The user the call acts for. Raises Refused (403) if none was named."""
        return acting(self.participant)

    def account(self, name: str) -> Account:
        """An account of the acting user by its full name. Raises Refused (403) if it is not his."""
        account = self.exchange.accounts.get(name)
        if account is None or account.owner != self.acting().name:
            raise denied("the account does not belong to the participant")
        return account

    def first_account(self) -> Account | None:
        """The acting user's only account; None if he has none or several."""
        own = self.exchange.accounts_of(self.acting().name)
        return own[0] if len(own) == 1 else None


Handler: TypeAlias = Callable[[Call], Tree | Lines | Answer]


def acting(participant: Participant | None) -> Participant:
    """The participant, if there is one. Raises Refused (403)."""
    if participant is None:
        raise denied(f"missing {PARTICIPANT_HEADER} header")
    return participant
