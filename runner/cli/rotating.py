"""``pmx-run keys rotate``: the steps of a change of keys, each of which says what comes next.

What the venue takes is asked of the venue, by signing in; nothing else is called.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from runner.cli.credentials import credentials
from runner.cli.key_files import public_path, refuse
from runner.cli.rotation import Keys, begin, keys_of, shown_fingerprint, switch
from runner.cli.settings_options import gather_here
from runner.clock import Deadline, SystemClock
from runner.errors import ExitCode, GuardRefused, NotSignedIn, StepErrored, WrongInput
from runner.frozen import frozen
from runner.redact import Redactor
from runner.settings import Settings
from runner.settings.problems import missing_keys

_PATIENCE = 15.0
_UNKNOWN = "invalid_client"


@frozen
class Attempt:
    """What the venue said to one key; ``refusal`` is empty if it took it."""

    path: Path
    name: str
    fingerprint: str
    refusal: str

    @property
    def unknown(self) -> bool:
        """Whether it was refused as a key that the venue does not know, and for no other reason."""
        return self.refusal.partition(":")[0] == _UNKNOWN

    def row(self) -> str:
        """A line for a person."""
        mark, said = ("✘", f"refused: {self.refusal}") if self.refusal else ("✔", "the venue takes it")
        return f"  {mark} {self.name}  {self.fingerprint}  {said}"


@frozen
class Change:
    """A change of keys under way: the settings, the files, and the options that name both again."""

    settings: Settings
    keys: Keys
    options: argparse.Namespace

    def command(self, step: str = "") -> str:
        """What to type for another step of it."""
        given = {"--env": self.options.env, "--config": self.options.config}
        more = [f"{name} {shlex.quote(value)}" for name, value in given.items() if value]
        return " ".join(["pmx-run keys rotate", *([f"--{step}"] if step else []), *more])


def rotate(options: argparse.Namespace) -> int:
    """Do one step and say what comes next; 0 if it came as far as it was meant to.

    Raises ``WrongInput``, ``GuardRefused`` for a key that the venue or the pins don't know, and what signing in raises.
    """
    settings, problems = gather_here(options)
    if problems and not (len(problems) == 1 and missing_keys(settings) == ["participant_id"]):
        raise WrongInput(problems)
    change = Change(settings, keys_of(settings), options)
    return _STEPS[options.step or ""](change)


def _begin(change: Change) -> int:
    begin(change.keys, change.options.bits)
    keys, settings = change.keys, change.settings
    assert settings.client_id  # noqa: S101 - there was no problem
    print(
        f"old  {keys.used}  {shown_fingerprint(keys.used)}\n"
        f"new  {keys.new}  {shown_fingerprint(keys.new)}  (mode 600; never hand it out)\n\n"
        f"Next, while runs go on with the old key:\n"
        f"  1. Hand in {public_path(keys.new)} to the venue's onboarding, as the next key of client id\n"
        f"     {settings.client_id.value} in environment `{settings.environment.value}`; the old one is to stay until "
        f"you say so.\n"
        f"{_of_pins(change)}"
        f"  {3 if settings.pins.key_fingerprints else 2}. {change.command('try')}"
    )
    return ExitCode.PASSED


def _of_pins(change: Change) -> str:
    pinned = change.settings.pins.key_fingerprints
    return "" if pinned is None else f"  2. Pin the new fingerprint beside the old one ({pinned.origin}).\n"


def _try(change: Change) -> int:
    new, old = _both(change)
    attempts = [_attempt(change, path, name) for path, name in ((old, "old"), (new, "new"))]
    _print(attempts)
    before, after = (not each.refusal for each in attempts)
    if not change.keys.begun:
        print(f"\nThe new key is in use already. Next: {change.command('retire')}")
    elif after:
        print(f"\nNext: {change.command('switch')}")
    elif before:
        public = public_path(new)
        print(f"\nThe venue does not know the new key yet. When it has {public}: {change.command('try')}")
    else:
        print("\nThe venue takes neither. Why: pmx-run doctor")
    return ExitCode.PASSED if after else ExitCode.FAILED


def _both(change: Change) -> tuple[Path, Path]:
    """The new key and the old one, before the switch or after it."""
    keys = change.keys
    if not keys.begun and not keys.old:
        refuse(f"no change of keys is under way: there is no {keys.new}", f"begin one: {change.command()}")
    return (keys.new, keys.used) if keys.begun else (keys.used, keys.old[-1])


def _switch(change: Change) -> int:
    new, _ = _both(change)
    if change.keys.begun:
        attempt = _attempt(change, new, "new")
        if attempt.refusal:
            title = f"the venue does not take the new key: {attempt.refusal}; nothing was changed"
            raise GuardRefused(title, help=f"when it does: {change.command('try')}")
    switch(change.keys, datetime.now(UTC))
    keys = change.keys
    print(
        f"in use  {keys.used}  {shown_fingerprint(keys.used)}\n"
        f"kept    {keys.old[-1]}  {shown_fingerprint(keys.old[-1])}\n\n"
        f"Runs under way sign with the new key when they need their next token.\n"
        f"Next: ask the venue's onboarding to remove the old key by its fingerprint, then: {change.command('retire')}"
    )
    return ExitCode.PASSED


def _retire(change: Change) -> int:
    if not change.keys.old:
        wanted = change.command("switch" if change.keys.begun else "")
        refuse(f"no old key is kept beside {change.keys.used}", f"it is by: {wanted}")
    used = _attempt(change, change.keys.used, "in use")
    if used.refusal:
        title = f"the key in use is refused as well ({used.refusal}), so a refusal of the old one proves nothing"
        raise StepErrored(title, help="why it is: pmx-run doctor")
    attempts = [_attempt(change, path, "old   ") for path in change.keys.old]
    _print([used, *attempts])
    for each in attempts:
        print(f"\n{_verdict(change, each)}")
    return ExitCode.PASSED if all(each.unknown for each in attempts) else ExitCode.FAILED


def _verdict(change: Change, attempt: Attempt) -> str:
    if attempt.unknown:
        return (
            f"Proved: the venue takes the new key, and the old one no more. Its file may go now, its public half stays "
            f"for whoever\nverifies what it signed:\n  rm {shlex.quote(str(attempt.path))}"
        )
    again = change.command("retire")
    if attempt.refusal:
        return f"Not proved: it was refused for another reason. Try it again: {again}"
    return f"Not proved: ask the venue's onboarding to remove {attempt.fingerprint}, then: {again}"


def _attempt(change: Change, path: Path, name: str) -> Attempt:
    """Sign in with one key; raises ``GuardRefused`` if it isn't pinned, and ``Unreachable``."""
    from runner.venue.desk import Venue
    from runner.venue.keys import KeyFile
    from runner.venue.transport import Transport

    settings, clock = change.settings, SystemClock()
    assert settings.base_url  # noqa: S101 - there was no problem
    redactor = Redactor(settings.secrets)
    bundle = str(settings.ca_bundle.value) if settings.ca_bundle else None
    transport, refusal = Transport(clock, redactor, bundle), ""
    try:
        signing = replace(credentials(settings), key=KeyFile(path))
        venue = Venue(signing, settings.base_url.value, transport, clock, redactor)
        venue.desk(None, "", Deadline(clock, _PATIENCE), lambda _: None).authenticate()
    except NotSignedIn as error:
        refusal = error.reason or f"{error.status}"
    finally:
        transport.close()
    return Attempt(path, name, shown_fingerprint(path), refusal)


def _print(attempts: Iterable[Attempt]) -> None:
    print("\n".join(each.row() for each in attempts))


_STEPS: dict[str, Callable[[Change], int]] = {"": _begin, "try": _try, "switch": _switch, "retire": _retire}
