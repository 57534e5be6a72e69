"""Signed web tokens, RS256 only: read, verify, sign. The claims are judged elsewhere."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_LONGEST = 16_384


class MalformedToken(Exception):
    """The text is no signed web token."""


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token taken apart, not yet verified."""

    header: dict[str, object]
    claims: dict[str, object]
    signed: bytes
    signature: bytes

    def signed_by(self, key: rsa.RSAPublicKey) -> bool:
        """Whether the token says RS256 and the key's owner signed it."""
        if self.header.get("alg") != "RS256":
            return False
        try:
            key.verify(self.signature, self.signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def read(token: str) -> SignedToken:
    """Take a token apart. Raises MalformedToken."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _LONGEST or not token.isascii():
        raise MalformedToken("a token has three parts")
    header, claims = _members(parts[0]), _members(parts[1])
    return SignedToken(header, claims, f"{parts[0]}.{parts[1]}".encode(), _decode(parts[2]))


def sign(claims: dict[str, object], key: rsa.RSAPrivateKey) -> str:
    """An RS256 token with these claims."""
    header = {"alg": "RS256", "typ": "JWT"}
    signed = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_encode(signature)}"


def _members(part: str) -> dict[str, object]:
    try:
        value = json.loads(_decode(part))
    except (ValueError, RecursionError) as error:
        raise MalformedToken("a part is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedToken("a part is not an object")
    return value


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedToken("a part is not base64url") from error


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
