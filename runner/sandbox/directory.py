"""Who may call: clients with their keys and scopes, and the participants of each firm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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

    def of_firm(self, firm: str) -> list[Participant]:
        """The participants of a firm, the default one first."""
        return [participant for participant in self.participants.values() if participant.firm == firm]
