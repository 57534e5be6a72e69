"""The private key: which forms are read, which are refused, and what is told about it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from runner.errors import WrongInput
from runner.redact import Secret
from runner.venue.auth import KeyFile, KeyText, fingerprint, load_key, new_pair

KEY = rsa.generate_private_key(65537, 2048)
PKCS8 = KEY.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
PKCS1 = KEY.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption())
LOCKED = KEY.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"pass"))
LOCKED_1 = KEY.private_bytes(
    form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.BestAvailableEncryption(b"pass")
)
CURVE = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
)
PUBLIC = KEY.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)


def small() -> bytes:
    key = rsa.generate_private_key(65537, 1024)
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def kept(folder: Path, pem: bytes, mode: int = 0o600) -> KeyFile:
    path = folder / "key.pem"
    path.write_bytes(pem)
    path.chmod(mode)
    return KeyFile(path)


class Memory:
    """Remembers digests, and how often it was asked."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.learnt: list[str] = []

    def knows(self, digest: str) -> bool:
        return digest in self.known

    def learn(self, digest: str) -> None:
        self.known.add(digest)
        self.learnt.append(digest)


@pytest.mark.parametrize("pem", [PKCS1, PKCS8], ids=["pkcs1", "pkcs8"])
def test_both_pem_forms_are_read(pem: bytes, tmp_path: Path) -> None:
    """OpenSSL 3 writes one, the venue's documentation shows the other."""
    for source in (kept(tmp_path, pem), KeyText(Secret(pem.decode()))):
        assert load_key(source).public_key() == KEY.public_key()


@pytest.mark.parametrize(
    ("pem", "words", "help"),
    [
        (LOCKED, "is encrypted", "openssl pkey"),
        (LOCKED_1, "is encrypted", "openssl pkey"),
        (CURVE, "is not an RSA key", "keys new"),
        (small(), "has 1024 bits, too few", "2048"),
        (PUBLIC, "is a public key, and we sign with the private half", "the other file of the pair"),
        (b"-----BEGIN CERTIFICATE-----", "is a certificate", "the private key's file"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----", "is a key in OpenSSH's form", "ssh-keygen -p -m PEM"),
        (PKCS8.replace(b"\n", b"\\n"), "has its line breaks written as \\n", "PMX_PRIVATE_KEY_PATH"),
        (PKCS8[:300], "is a private key that is damaged or cut short", "from BEGIN to END"),
        (b"", "is empty", "PMX_PRIVATE_KEY_PATH"),
        (b"\xff\x00", "is not a private key in PEM form", "keys new"),
    ],
    ids=[
        "encrypted pkcs8",
        "encrypted pkcs1",
        "elliptic",
        "small",
        "public",
        "certificate",
        "openssh",
        "escaped",
        "cut",
        "empty",
        "noise",
    ],
)
def test_keys_that_are_refused(pem: bytes, words: str, help: str, tmp_path: Path) -> None:
    """Each refusal says what is wrong and what to do."""
    with pytest.raises(WrongInput) as caught:
        load_key(kept(tmp_path, pem))
    assert words in str(caught.value)
    assert help in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o777])
def test_a_key_that_others_can_reach_is_refused(mode: int, tmp_path: Path) -> None:
    """With the command to type."""
    source = kept(tmp_path, PKCS8, mode)
    with pytest.raises(WrongInput) as caught:
        load_key(source)
    assert f"help: chmod 600 {source.path}" in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_of_ones_own_is_read(mode: int, tmp_path: Path) -> None:
    """Reading is all it takes."""
    assert load_key(kept(tmp_path, PKCS8, mode)).key_size == 2048


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    """The path is named, and the setting."""
    for path in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(WrongInput, match="PMX_PRIVATE_KEY_PATH"):
            load_key(KeyFile(path))


def test_the_full_check_is_remembered(tmp_path: Path) -> None:
    """A key is checked fully once, and again when its file changes."""
    memory = Memory()
    source = kept(tmp_path, PKCS8)
    for _ in range(2):
        load_key(source, memory)
    assert memory.learnt == [hashlib.sha256(PKCS8).hexdigest()]
    load_key(kept(tmp_path, PKCS1), memory)
    assert len(memory.learnt) == 2


def test_a_bad_key_is_not_remembered(tmp_path: Path) -> None:
    """What failed the check is checked again."""
    memory = Memory()
    with pytest.raises(WrongInput):
        load_key(kept(tmp_path, small()), memory)
    assert memory.learnt == []


def test_fingerprint() -> None:
    """SHA-256 of the public key's DER form, in pairs; the same for both halves of a new pair."""
    private, public = new_pair()
    loaded = form.load_pem_public_key(public)
    assert isinstance(loaded, rsa.RSAPublicKey)
    printed = fingerprint(load_key(KeyText(private)).public_key())
    der = loaded.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    assert printed == fingerprint(loaded)
    assert printed.removeprefix("SHA256:").replace(":", "") == hashlib.sha256(der).hexdigest()
