"""Signing deliveries (docs.polymarket.us: partners/onboarding/kyc/webhooks)."""

from __future__ import annotations

import base64
import hashlib
import hmac

_PREFIX = "whsec_"
_FEWEST_BYTES = 24


class WrongSecret(Exception):
    """Not ``whsec_`` and the base64 of at least 24 bytes."""


def signing_key(secret: str) -> bytes:
    """The key inside a secret; an empty secret has an empty key, which signs nothing. Raises WrongSecret."""
    if not secret:
        return b""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError as error:
        raise WrongSecret(secret) from error
    if not secret.startswith(_PREFIX) or len(key) < _FEWEST_BYTES:
        raise WrongSecret(secret)
    return key


def signed_headers(secret: str, delivery: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a signed delivery at a Unix time in seconds; none without a secret."""
    key = signing_key(secret)
    if not key:
        return {}
    digest = hmac.new(key, f"{delivery}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
