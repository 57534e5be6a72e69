"""``pmx-run verify DIR``: is this evidence as it was signed, and by whom? The public key is all that is needed."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from runner.cli.key_files import content_of, public_key
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, WrongInput
from runner.reporters.evidence.manifest import MANIFEST
from runner.reporters.evidence.verifying import Found, found_in, verified
from runner.reporters.visible import visible

SUMMARY = "Look whether evidence of a run is as it was signed: 0 if it is, 1 with all that was tampered with."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and the key."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="what --report evidence=DIR has written")
    parser.add_argument("--key", metavar="FILE", type=Path, help="the public key (PEM) that was registered")


def run(options: argparse.Namespace) -> int:
    """Say what was found; raises ``WrongInput`` where nothing can be looked at."""
    found = _found(options.folder)
    if options.key is None:
        raise WrongInput([_keyless(options.folder, found)])
    wrong = verified(found, public_key(content_of(options.key), options.key))
    if wrong:
        print(f"{options.folder}: not as it was signed", file=sys.stderr)
        print("".join(f"  {visible(each)}\n" for each in wrong), end="", file=sys.stderr)
        return int(ExitCode.FAILED)
    manifest = found.manifest()
    told = (
        f"{options.folder}: as it was signed\n"
        f"  run          {manifest.run_id} of {manifest.playbook}\n"
        f"  where        {manifest.environment} ({manifest.host})\n"
        f"  participant  {manifest.participant or 'none'}\n"
        f"  calls        {manifest.entries}\n"
        f"  signed by    {manifest.key_fingerprint}"
    )
    print("\n".join(visible(line) for line in told.splitlines()))
    return int(ExitCode.PASSED)


def _found(folder: Path) -> Found:
    if not folder.is_dir():
        raise WrongInput([Diagnostic(f"{folder} is no folder", help="name the one that --report evidence=DIR wrote")])
    try:
        found = found_in(folder)
    except OSError as error:
        raise WrongInput([Diagnostic(f"{folder} can't be read: {error.strerror}")]) from error
    several = sorted({Path(name).parent for name in found.files if Path(name).name == MANIFEST} - {Path()})
    if several and MANIFEST not in found.files:
        title = f"{folder} holds evidence of {len(several)} runs"
        raise WrongInput([Diagnostic(title, help=f"verify one at a time, such as {folder / several[0]}")])
    return found


def _keyless(folder: Path, found: Found) -> Diagnostic:
    try:
        named = visible(found.manifest().key_fingerprint)
    except ValueError as error:
        return Diagnostic(f"{folder} has no manifest: {visible(str(error))}", help="nothing can be verified without it")
    command = f"pmx-run verify {shlex.quote(str(folder))} --key PUBLIC.pem"
    return Diagnostic(
        f"a public key is needed: {folder} says that it was signed by {named}",
        help=f"{command}, with the key as it was registered, not as it came with this",
    )
