"""What a handler is given: a request that has passed the gateway, and the exchange it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from runner.sandbox.directory import Client, Directory
from runner.sandbox.exchange.accounts import Account, Participant
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.gateway.dialect import Dialect
from runner.sandbox.gateway.errors import denied
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.wire import Tree
from runner.sandbox.rules import Rules

PARTICIPANT_HEADER = "x-participant-id"


@dataclass(frozen=True, slots=True)
class Setting:
    """What all calls share."""

    exchange: Exchange
    directory: Directory
    dialect: Dialect
    rules: Rules
    audience: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its fields and query parameters, the client behind the token, the user it acts for."""

    setting: Setting
    client: Client
    participant: Participant | None
    fields: Fields
    query: dict[str, list[str]]

    @property
    def exchange(self) -> Exchange:
        """The exchange the call is about."""
        return self.setting.exchange

    @property
    def strict(self) -> bool:
        """Whether the dialect demands what the venue demands."""
        return self.setting.dialect.strict

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


Handler: TypeAlias = Callable[[Call], Tree]


def acting(participant: Participant | None) -> Participant:
    """The participant, if there is one. Raises Refused (403)."""
    if participant is None:
        raise denied(f"missing {PARTICIPANT_HEADER} header")
    return participant
