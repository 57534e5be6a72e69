"""Who may call: clients with their keys and scopes, and the participants of each firm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import rsa

from runner.sandbox.exchange.accounts import Participant

SCOPES = (
    "read:accounts",
    "read:instruments",
    "read:marketdata",
    "read:l2marketdata",
    "read:orders",
    "write:orders",
    "read:reports",
    "read:positions",
    "read:funding",
    "read:kyc",
    "write:kyc",
)


MOST_KEYS = 2


class TooManyKeys(Exception):
    """The client has as many keys as it may have."""


@dataclass(frozen=True, slots=True)
class Client:
    """An API client of one firm. Two keys may be valid at once, so that one can replace the other without a pause."""

    id: str
    firm: str
    clearing_firm: str
    keys: tuple[rsa.RSAPublicKey, ...]
    scopes: tuple[str, ...] = SCOPES


class Directory:
    """The clients by id, and the participants by their full name."""

    __slots__ = ("clients", "participants")

    def __init__(self, clients: Iterable[Client], participants: Iterable[Participant]) -> None:
        self.clients = {client.id: client for client in clients}
        self.participants = {participant.name: participant for participant in participants}

    def add_key(self, client_id: str, key: rsa.RSAPublicKey) -> None:
        """Let a client sign with one more key. Raises TooManyKeys, KeyError for an unknown client."""
        client = self.clients[client_id]
        if len(client.keys) >= MOST_KEYS:
            raise TooManyKeys(client_id)
        self.clients[client_id] = replace(client, keys=(*client.keys, key))

    def revoke_key(self, client_id: str, index: int) -> None:
        """Take a key from a client. Raises KeyError for an unknown client, IndexError if it has no such key."""
        client = self.clients[client_id]
        kept = list(client.keys)
        del kept[index]
        self.clients[client_id] = replace(client, keys=tuple(kept))

    def grant(self, client_id: str, scopes: tuple[str, ...]) -> None:
        """What the tokens of a client hold from now on. Raises KeyError for an unknown client."""
        self.clients[client_id] = replace(self.clients[client_id], scopes=scopes)

    def of_firm(self, firm: str) -> list[Participant]:
        """The participants of a firm, the default one first."""
        return [participant for participant in self.participants.values() if participant.firm == firm]
