"""Who makes the access tokens, by what name, with which key and for how long."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import rsa

Which: TypeAlias = Literal["either", "token_url", "tenant"]
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Issuer:
    """What access tokens are made with. ``lifetime`` is in seconds; the key may still be in the making."""

    base_url: str
    key: Future[rsa.RSAPrivateKey]
    lifetime: int

    @property
    def name(self) -> str:
        """The issuer's name in tokens: the tenant's URL with a trailing slash."""
        return f"{self.base_url}/"

    def accepted_audiences(self, which: Which) -> frozenset[str]:
        """What an assertion may be addressed to; the venue was seen to take the token URL and its tenant's URL."""
        spellings = {"token_url": f"{self.base_url}{TOKEN_PATH}", "tenant": self.name}
        return frozenset(spellings.values() if which == "either" else [spellings[which]])
