"""The private key that we sign with: read with care, checked fully once, shown by its fingerprint.

Source: docs.polymarket.us, trader-guide/authentication (RSA, PEM, 2048 bits in its examples). OpenSSL 3 writes PKCS#8
where those examples show PKCS#1; both are read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.redact import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_FEWEST_BITS = 2048
_LARGEST_FILE = 64 * 1024
_ELSE = (
    (b"PUBLIC KEY-----", "is a public key, and we sign with the private half", "name the other file of the pair"),
    (b"BEGIN CERTIFICATE-----", "is a certificate, and we sign with a private key", "name the private key's file"),
    (
        b"BEGIN OPENSSH PRIVATE KEY-----",
        "is a key in OpenSSH's form, and PEM is wanted",
        "write it as PEM into a copy: ssh-keygen -p -m PEM -N '' -f COPY",
    ),
    (
        b"\\n",
        "has its line breaks written as \\n",
        "give it as it stands in the file, or name the file: PMX_PRIVATE_KEY_PATH",
    ),
    (
        b"PRIVATE KEY-----",
        "is a private key that is damaged or cut short",
        "copy the whole file again, from BEGIN to END; if there is none left: pmx-run keys new",
    ),
)
"""What people put where the private key should stand: what shows it, what to say, what to do."""


class KeyMemory(Protocol):
    """Which keys were fully checked before, by the digest of what they were read from."""

    def knows(self, digest: str) -> bool:
        """Whether a key of this digest passed the full check."""
        ...

    def learn(self, digest: str) -> None:
        """Keep that it did."""
        ...


@frozen
class KeyFile:
    """A private key in a file that nobody else may read."""

    path: Path

    @property
    def name(self) -> str:
        """How people know it."""
        return str(self.path)

    def read(self) -> bytes:
        """Its bytes. ``WrongInput`` if it can't be read, or others can read it."""
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                pem = file.read(_LARGEST_FILE)
        except OSError as problem:
            _refuse(f"the private key {self.path} can't be read: {problem.strerror}", "check PMX_PRIVATE_KEY_PATH")
        if os.name == "posix" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            _refuse(f"the private key {self.path} can be read by others", f"chmod 600 {_quoted(self.path)}")
        return pem


@frozen
class KeyText:
    """A private key given as text, from the environment."""

    pem: Secret
    name: str = "PMX_PRIVATE_KEY"

    def read(self) -> bytes:
        """Its bytes."""
        return self.pem.reveal().encode()


KeySource: TypeAlias = KeyFile | KeyText


def load_key(source: KeySource, memory: KeyMemory | None = None) -> RSAPrivateKey:
    """The key of ``source``: PKCS#1 or PKCS#8, RSA, at least 2048 bits, not encrypted; else ``WrongInput``.

    The full check of the primes takes some 30 ms; it is left out for a key that ``memory`` knows to have passed it.
    """
    return key_of(source.read(), source.name, memory)


def key_of(pem: bytes, name: str, memory: KeyMemory | None = None) -> RSAPrivateKey:
    """The same for what was read from the source of that ``name``."""
    import hashlib

    digest = hashlib.sha256(pem).hexdigest()
    known = memory is not None and memory.knows(digest)
    key = _parsed(pem, name, checked_before=known)
    if memory is not None and not known:
        memory.learn(digest)
    return key


def new_pair(bits: int = 2048) -> tuple[Secret, bytes]:
    """A new key: the private half as PKCS#8 PEM, the public half as SubjectPublicKeyInfo PEM."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, bits)
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    return Secret(private.decode()), public


def fingerprint(public: RSAPublicKey) -> str:
    """SHA-256 over the DER SubjectPublicKeyInfo as ``SHA256:`` and hex pairs with colons, to be read aloud in pairs."""
    import hashlib

    from cryptography.hazmat.primitives import serialization as form

    der = public.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + hashlib.sha256(der).digest().hex(":")


def _parsed(pem: bytes, name: str, *, checked_before: bool) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=checked_before)
    except TypeError:
        _refuse(
            f"the private key {name} is encrypted",
            "a run can't ask for its pass phrase; write it without one: openssl pkey -in KEY -out private_key.pem",
        )
    except (ValueError, UnsupportedAlgorithm):
        _refuse(*_what_else(pem, name))
    if not isinstance(key, RSAPrivateKey):
        _refuse(f"the private key {name} is not an RSA key", "the venue accepts RSA alone: pmx-run keys new")
    if key.key_size < _FEWEST_BITS:
        _refuse(f"the private key {name} has {key.key_size} bits, too few", "make one of 2048: pmx-run keys new")
    return key


def _what_else(pem: bytes, name: str) -> tuple[str, str]:
    """What stands where the private key should, as far as its text shows, and what to do."""
    for mark, what, help in _ELSE:
        if mark in pem:
            return f"{name} {what}", help
    if not pem.strip():
        return f"{name} is empty", "name the private key's file: PMX_PRIVATE_KEY_PATH"
    return f"{name} is not a private key in PEM form", "make a pair with: pmx-run keys new"


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def _refuse(title: str, help: str) -> NoReturn:
    raise WrongInput([Diagnostic(title, help=help)]) from None
