"""A key that changes under a long run: taken up without a restart, and without trouble as long as the old one works."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from runner.errors import GuardRefused, NotSignedIn, WrongInput
from runner.redact import Redactor, Secret
from runner.settings import PinSettings, Setting
from runner.venue.auth import Credentials, KeyFile, KeySource, KeyText, TokenSource, fingerprint, new_pair
from runner.venue.call import Answer, Request
from runner.venue.pins import Pins

from .server import MovableClock

URL = "https://auth.example.com/oauth/token"
OLD, NEW = (new_pair()[0].reveal() for _ in range(2))


def public(pem: str) -> rsa.RSAPublicKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()


class Issuer:
    """Knows some keys, as onboarding registered them; ``meanwhile`` happens while a request is under way."""

    def __init__(self, *pems: str) -> None:
        self.known = [public(pem) for pem in pems]
        self.asked = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, request: Request) -> Answer:
        self.asked += 1
        self.meanwhile()
        assert isinstance(request.body, dict)
        signed = request.body["client_assertion"].reveal()
        for key in self.known:
            try:
                jwt.decode(signed, key, algorithms=["RS256"], audience=URL, options={"verify_exp": False})
            except jwt.InvalidSignatureError:
                continue
            return Answer(200, {}, {"access_token": f"token-{self.asked}", "expires_in": 3})
        return Answer(401, {}, {"error": "invalid_client", "error_description": "unknown key"})


class Holder:
    """A token source over a key file that a test rewrites."""

    def __init__(self, folder: Path, issuer: Issuer, pins: Pins | None = None) -> None:
        self.path = folder / "key.pem"
        self.issuer = issuer
        self.clock = MovableClock()
        self.write(OLD)
        self.tokens = self._source(KeyFile(self.path), pins or Pins())

    def write(self, pem: str, mode: int = 0o600) -> None:
        """As a careful rotation does: beside it, then in its place."""
        beside = self.path.with_suffix(".new")
        beside.touch(0o600)
        beside.write_text(pem)
        beside.chmod(mode)
        beside.replace(self.path)

    def next_token(self) -> str:
        """The one that is due after the present one."""
        self.clock.moved += 3
        return self.tokens.token(self.issuer, 1)[0].reveal()

    def given_as_text(self) -> None:
        self.tokens = self._source(KeyText(Secret(OLD)), Pins())

    def _source(self, key: KeySource, pins: Pins) -> TokenSource:
        return TokenSource(Credentials("c", key, URL, "https://api.example.com", pins), self.clock, Redactor())


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    return Holder(tmp_path, Issuer(OLD))


def test_a_new_key_is_taken_up_with_the_next_token(holder: Holder) -> None:
    """Both keys are good during the change-over, then the old one is not: no request is refused at any time."""
    assert holder.next_token() == "token-1"
    holder.issuer.known.append(public(NEW))
    holder.write(NEW)
    assert holder.next_token() == "token-2"
    del holder.issuer.known[0]
    assert holder.next_token() == "token-3"
    assert holder.issuer.asked == 3


def test_a_file_that_looks_the_same_is_another_one(holder: Holder) -> None:
    """Written in place, of the same size, with the times of the old one."""
    holder.next_token()
    before = holder.path.stat()
    holder.path.write_text(NEW if len(NEW) == len(OLD) else NEW + " " * (len(OLD) - len(NEW)))
    os.utime(holder.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    holder.issuer.known = [public(NEW)]
    assert holder.next_token() == "token-2"


def test_a_key_that_changes_while_it_is_refused(holder: Holder) -> None:
    """The assertion is refused, and by then the file holds the new key: once more with that one."""
    holder.next_token()
    holder.issuer.known = [public(NEW)]
    holder.issuer.meanwhile = lambda: holder.write(NEW)
    assert holder.next_token() == "token-3"
    assert holder.issuer.asked == 3


def test_a_key_that_did_not_change_is_refused_once(holder: Holder) -> None:
    """The same assertion's key would be refused again."""
    holder.issuer.known = []
    with pytest.raises(NotSignedIn, match="invalid_client"):
        holder.next_token()
    assert holder.issuer.asked == 1


def test_the_second_key_may_be_refused_too(holder: Holder) -> None:
    """Not more than once more."""
    holder.issuer.known = []
    pems = iter([NEW, OLD, NEW])
    holder.issuer.meanwhile = lambda: holder.write(next(pems))
    with pytest.raises(NotSignedIn):
        holder.next_token()
    assert holder.issuer.asked == 2


SPOILT: dict[str, tuple[Callable[[Holder], object], str]] = {
    "half written": (lambda holder: holder.write(NEW[: len(NEW) // 2]), "damaged or cut short"),
    "empty": (lambda holder: holder.write(""), " is empty"),
    "gone": (lambda holder: holder.path.unlink(), "can't be read: No such file"),
    "open to others": (lambda holder: holder.write(NEW, 0o644), "can be read by others"),
}


@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_file(spoil: Callable[[Holder], object], words: str, holder: Holder) -> None:
    """The old key goes on as long as it works; then the error names the file. Mended, it is taken up."""
    holder.next_token()
    spoil(holder)
    assert holder.next_token() == "token-2"
    holder.issuer.known = [public(NEW)]
    with pytest.raises(WrongInput) as caught:
        holder.next_token()
    assert words in str(caught.value)
    holder.write(NEW)
    assert holder.next_token() == "token-4"


def test_a_first_key_has_to_be_good(tmp_path: Path) -> None:
    """Without an old key there is nothing to go on with, and nothing is sent."""
    holder = Holder(tmp_path, Issuer(OLD))
    holder.write(NEW[:100])
    with pytest.raises(WrongInput):
        holder.next_token()
    assert holder.issuer.asked == 0


def test_a_key_given_as_text_does_not_change(holder: Holder) -> None:
    """The environment of a process stays as it was."""
    holder.given_as_text()
    assert holder.next_token() == "token-1"
    holder.issuer.known = [public(NEW)]
    with pytest.raises(NotSignedIn):
        holder.next_token()
    assert holder.issuer.asked == 2


def test_a_key_that_is_not_pinned_signs_nothing(tmp_path: Path) -> None:
    """Neither the first one nor one that takes its place; the pinned one goes on."""
    pins = Pins(PinSettings(key_fingerprints=Setting((fingerprint(public(OLD)).upper(),), "pmx.yaml:3:5")))
    issuer = Issuer(OLD, NEW)
    holder = Holder(tmp_path, issuer, pins)
    holder.next_token()
    holder.write(NEW)
    assert holder.next_token() == "token-2"
    issuer.known = [public(NEW)]
    with pytest.raises(GuardRefused, match="the private key's fingerprint is"):
        holder.next_token()
    (tmp_path / "fresh").mkdir()
    fresh = Holder(tmp_path / "fresh", issuer, pins)
    fresh.write(NEW)
    asked = issuer.asked
    with pytest.raises(GuardRefused):
        fresh.next_token()
    assert issuer.asked == asked
