"""What a participant's id says: ``firms/<FIRM>/users/<USER>`` (docs.polymarket.us: trader-guide/accounts-identity)."""

from __future__ import annotations


def firm_of(participant: str) -> str:
    """The firm's bare id; empty where the id has another form."""
    parts = participant.split("/")
    return parts[1] if len(parts) > 3 and parts[0] == "firms" else ""
