"""The key that a process signs with: loaded once, and anew when its file holds another one.

Source: docs.polymarket.us, streaming-endpoints/authentication (rotation: both keys work during the change-over).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import GuardRefused, WrongInput
from runner.venue.keys import KeyMemory, KeySource, key_of
from runner.venue.pins import Pins

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class SigningKey:
    """A private key that may change under a long run.

    Its file is read before each token is asked for, which costs less than the signature: size and time of a file may
    stay as they are while its content changes. A new key that can't be used is passed over as long as the old one
    works.
    """

    def __init__(self, source: KeySource, pins: Pins, memory: KeyMemory | None = None) -> None:
        self._source = source
        self._pins = pins
        self._memory = memory
        self._key: RSAPrivateKey | None = None
        self._digest = ""
        self._problem: WrongInput | GuardRefused | None = None

    def key(self) -> RSAPrivateKey:
        """The key to sign with now.

        Raises ``WrongInput`` if there is none that can be used, ``GuardRefused`` if the pins don't know it.
        """
        self._look()
        if self._key is None:
            assert self._problem is not None  # noqa: S101 - there is a key or a reason why there is none
            raise self._problem
        return self._key

    def changed(self) -> bool:
        """After the key was refused: whether its file holds another one by now.

        Raises ``WrongInput`` or ``GuardRefused`` if it does, and that one can't be used.
        """
        before = self._digest
        self._look()
        if self._problem is not None:
            raise self._problem
        return self._digest != before

    def _look(self) -> None:
        import hashlib

        try:
            pem = self._source.read()
            digest = hashlib.sha256(pem).hexdigest()
            if digest != self._digest:
                key = key_of(pem, self._source.name, self._memory)
                self._pins.check_key(key.public_key())
                self._key, self._digest = key, digest
            self._problem = None
        except (WrongInput, GuardRefused) as problem:
            self._problem = problem
