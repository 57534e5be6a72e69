"""RSA keys made in the background, so that the rest of the start need not wait for them.

Making a key is one long call into OpenSSL that lets other threads run meanwhile.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

KEY_FILE = "private_key.pem"


class KeyMaker:
    """Makes 2048-bit keys one after the other on a thread of its own."""

    __slots__ = ("_pool",)

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)

    def order(self) -> Future[rsa.RSAPrivateKey]:
        """Ask for one more key; wait for it with ``result()``."""
        return self._pool.submit(_make)


def save(key: rsa.RSAPrivateKey, folder: Path) -> Path:
    """Write a key as PKCS#8 PEM, readable by its owner alone, and return its path.

    The folder is made for its owner alone too, unless it was there before.
    """
    from cryptography.hazmat.primitives import serialization

    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / KEY_FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(pem)
    return path


def _make() -> rsa.RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
