"""The signature under a manifest: PS256 (RSASSA-PSS, SHA-256, RFC 7518 section 3.5) over a context of its own.

The same key signs client assertions, with RS256 over ``header.payload`` in base64url. Neither can serve as the other:
the padding differs, and no such text holds the zero byte that ends the context.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from runner.reporters.evidence.chain import CONTEXT

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import PSS
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_SALT_BYTES = 32


def signed(manifest: bytes, key: RSAPrivateKey) -> bytes:
    """The signature's file: base64 on one line."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return base64.b64encode(key.sign(_message(manifest), _padding(), SHA256())) + b"\n"


def is_signed(manifest: bytes, signature: bytes, key: RSAPublicKey) -> bool:
    """Whether the signature's file is of this manifest by this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.verify(base64.b64decode(signature.strip(), validate=True), _message(manifest), _padding(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _message(manifest: bytes) -> bytes:
    return CONTEXT.encode() + b"\0" + manifest


def _padding() -> PSS:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
    from cryptography.hazmat.primitives.hashes import SHA256

    return PSS(MGF1(SHA256()), _SALT_BYTES)
