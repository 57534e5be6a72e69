"""``pmx-run keys``: a key pair for one environment, and the fingerprint that onboarding asks for.

A pair per environment, the public half handed in as a file, the private half kept at mode 600:
docs.polymarket.us: partners/get-connected/onboarding, trader-guide/authentication.
"""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from runner.cli.credentials import key_source
from runner.cli.settings_options import add_settings_options, gather_here
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

SUMMARY = "Make an RSA key pair, or show the fingerprint of a key."
_BITS = (2048, 3072, 4096)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``new``, ``fingerprint`` and ``rotate``."""
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    new = words.add_parser("new", help="make a pair; never overwrites one")
    new.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("private_key.pem"),
        help="the private key (default: %(default)s)",
    )
    new.add_argument("--bits", type=int, choices=_BITS, default=_BITS[0], help="its size (default: %(default)s)")
    shown = words.add_parser("fingerprint", help="show the fingerprint of a key")
    shown.add_argument("path", metavar="PATH", type=Path, nargs="?", help="private or public PEM (default: settings)")
    add_settings_options(shown)
    words.add_parser("rotate", help="not yet supported")


def run(options: argparse.Namespace) -> int:
    """Do what the word says; raises ``WrongInput``."""
    match options.word:
        case "new":
            _new(options.out, options.bits)
        case "fingerprint":
            print(_fingerprint(options))
        case word:
            _refuse(f"`keys {word}` is not yet supported", "make a new pair beside the old one: pmx-run keys new")
    return 0


def _new(private: Path, bits: int) -> None:
    from runner.venue.keys import fingerprint, new_pair

    public = public_path(private)
    for path in (private, public):
        if path.exists() or path.is_symlink():
            _refuse(f"{path} is there already", "a key is never overwritten; choose another name: --out FILE")
    pem, public_pem = new_pair(bits)
    _write(private, pem.reveal().encode(), 0o600)
    _write(public, public_pem, 0o644)
    print(_NEXT.format(private=private, public=public, fingerprint=fingerprint(public_key(public_pem, public)),
                       quoted=shlex.quote(str(private.absolute()))))  # fmt: skip


_NEXT = """\
private key  {private}  (mode 600; never hand it out, never commit it)
public key   {public}
fingerprint  {fingerprint}

What to do next, for one environment (each needs a pair of its own):
  1. Hand in the public key file at onboarding; if somebody asks, compare the fingerprint.
  2. export PMX_PRIVATE_KEY_PATH={quoted}
  3. With the client id that you get back: pmx-run doctor --env preprod"""


def public_path(private: Path) -> Path:
    """``acme_private_key.pem`` has its public half in ``acme_public_key.pem``, ``acme.pem`` in ``acme.pub.pem``."""
    if "private" in private.name:
        return private.with_name(private.name.replace("private", "public"))
    return private.with_name(f"{private.stem}.pub.pem")


def _write(path: Path, content: bytes, mode: int) -> None:
    """A new file that has its mode before it has its content, whatever the umask is."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as opened:
            os.fchmod(handle, mode)
            opened.write(content)
    except OSError as error:
        _refuse(f"{path} can't be written: {error.strerror}")


def _fingerprint(options: argparse.Namespace) -> str:
    from runner.venue.keys import KeyFile, fingerprint, load_key

    if options.path is None:
        return fingerprint(load_key(key_source(gather_here(options)[0])).public_key())
    pem = content_of(options.path)
    if b"PUBLIC KEY-----" in pem:
        return fingerprint(public_key(pem, options.path))
    return fingerprint(load_key(KeyFile(options.path)).public_key())


def content_of(path: Path) -> bytes:
    """A file's bytes; raises ``WrongInput``."""
    try:
        return path.read_bytes()
    except OSError as error:
        _refuse(f"{path} can't be read: {error.strerror}")


def public_key(pem: bytes, path: Path) -> RSAPublicKey:
    """The RSA public key of a PEM; ``path`` is for the message. Raises ``WrongInput``."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        _refuse(f"{path} is not a key in PEM form")
    if not isinstance(key, RSAPublicKey):
        _refuse(f"{path} is not an RSA key", "the venue takes RSA alone: pmx-run keys new")
    return key


def _refuse(title: str, help: str = "") -> NoReturn:
    raise WrongInput([Diagnostic(title, help=help)])
