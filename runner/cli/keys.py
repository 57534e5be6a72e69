"""``pmx-run keys``: a key pair for one environment, the fingerprint that onboarding asks for, and a change of keys.

A pair per environment, the public half handed in as a file, the private half kept at mode 600:
docs.polymarket.us: partners/get-connected/onboarding, trader-guide/authentication.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from runner.cli.credentials import key_source
from runner.cli.key_files import content_of, public_key, public_path, refuse, write_new
from runner.cli.settings_options import add_settings_options, gather_here

SUMMARY = "Make an RSA key pair, show a key's fingerprint, put a new key in the place of the old."
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
    rotated = words.add_parser(
        "rotate",
        help="put a new key in the place of the old, without a pause",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_SEQUENCE,
    )
    step = rotated.add_mutually_exclusive_group()
    for name, help in _STEPS.items():
        step.add_argument(f"--{name}", dest="step", action="store_const", const=name, help=help)
    rotated.add_argument(
        "--bits", type=int, choices=_BITS, default=_BITS[0], help="of the new key (default: %(default)s)"
    )
    add_settings_options(rotated)


_STEPS = {
    "try": "sign in with the old key and with the new: which of them does the venue take?",
    "switch": "put the new key where the settings look for it, and keep the old one beside it",
    "retire": "prove that the venue takes the old key no more",
}
_SEQUENCE = """\
the sequence, in which each step says what comes next and may be repeated:
  keys rotate            a new pair beside the old; hand in its public half
  keys rotate --try      the venue takes both for a while: are we so far?
  keys rotate --switch   the new one signs from now on, in runs under way too
  keys rotate --retire   the venue removed the old one: is that so?"""


def run(options: argparse.Namespace) -> int:
    """Do what the word says; raises ``WrongInput``, and for ``rotate`` what signing in raises."""
    match options.word:
        case "new":
            _new(options.out, options.bits)
        case "fingerprint":
            print(_fingerprint(options))
        case "rotate":
            from runner.cli.rotating import rotate

            return rotate(options)
    return 0


def _new(private: Path, bits: int) -> None:
    from runner.venue.keys import fingerprint, new_pair

    public = public_path(private)
    for path in (private, public):
        if path.exists() or path.is_symlink():
            refuse(f"{path} is there already", "a key is never overwritten; choose another name: --out FILE")
    pem, public_pem = new_pair(bits)
    write_new(private, pem.reveal().encode(), 0o600)
    write_new(public, public_pem, 0o644)
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


def _fingerprint(options: argparse.Namespace) -> str:
    from runner.venue.keys import KeyFile, fingerprint, load_key

    if options.path is None:
        return fingerprint(load_key(key_source(gather_here(options)[0])).public_key())
    pem = content_of(options.path)
    if b"PUBLIC KEY-----" in pem:
        return fingerprint(public_key(pem, options.path))
    return fingerprint(load_key(KeyFile(options.path)).public_key())
