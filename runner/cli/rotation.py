"""A change of keys as files: which key is in use, which is to come, which are kept until they are proved unused.

Beside the key that the settings name lie the next one (``private_key.new.pem``) and those that it replaced
(``private_key.old-20261122T120000Z.pem``). How far the change has come is told by them alone, so that it can be gone on
whatever interrupted it. No private key is ever deleted.

Source: docs.polymarket.us, streaming-endpoints/authentication (rotation: both keys work during the change-over).
"""

from __future__ import annotations

import glob
import os
from datetime import datetime
from pathlib import Path

from runner.cli.key_files import content_of, public_key, public_path, refuse, replace_whole, write_new
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.redact import Secret
from runner.settings import Settings
from runner.venue.keys import KeyFile, fingerprint, load_key, new_pair

_OLD = "old-"
_PEM = ".pem"
_TIMES = f"{'?' * 8}T{'?' * 6}Z"


@frozen
class Keys:
    """The private keys of a change. ``used`` is the file itself, not a link to it."""

    used: Path

    @property
    def new(self) -> Path:
        """The next one, whether it is there or not."""
        return self._beside("new")

    @property
    def old(self) -> tuple[Path, ...]:
        """Those that were replaced and are still kept, the earliest first."""
        stem, suffix = glob.escape(self.used.stem), glob.escape(self.used.suffix or _PEM)
        return tuple(sorted(self.used.parent.glob(f"{stem}.{_OLD}{_TIMES}{suffix}")))

    def old_at(self, now: datetime) -> Path:
        """Where the key in use is kept from ``now`` on; it ends as ever, so that what passes by keys passes by it."""
        return self._beside(f"{_OLD}{now:%Y%m%dT%H%M%SZ}")

    def _beside(self, what: str) -> Path:
        return self.used.with_name(f"{self.used.stem}.{what}{self.used.suffix or _PEM}")

    @property
    def begun(self) -> bool:
        """Whether the next one is there."""
        return self.new.exists() or self.new.is_symlink()


def keys_of(settings: Settings) -> Keys:
    """The keys beside the one that the settings name; raises ``WrongInput`` where no file can be replaced."""
    if settings.embedded:
        refuse("the embedded exchange has keys of its own", "name the environment whose key is meant: --env preprod")
    if settings.private_key is None:
        refuse("no private key is set", "PMX_PRIVATE_KEY_PATH names its file; the first one: pmx-run keys new")
    key = settings.private_key.value
    if isinstance(key, Secret):
        refuse(
            "the private key is in PMX_PRIVATE_KEY, and no file holds it that could be replaced",
            "make a pair (pmx-run keys new) and change the variable where it is kept, once pmx-run doctor takes it",
        )
    load_key(KeyFile(key))
    return Keys(key.resolve())


def begin(keys: Keys, bits: int) -> None:
    """Make the next pair beside the key in use; one that is there already is taken as it is."""
    if not keys.begun:
        if keys.old:
            refuse(
                f"the last change is not finished: {keys.old[0]} is still kept",
                "pmx-run keys rotate --retire proves that it is unused; delete it then, and begin again",
            )
        private, _ = new_pair(bits)
        write_new(keys.new, private.reveal().encode(), 0o600)
    public = public_path(keys.new)
    if not public.exists():
        write_new(public, _public_half(keys.new), 0o644)


def switch(keys: Keys, now: datetime) -> None:
    """Put the next key where the settings look for it, in one move; the one in use is kept beside it first.

    Whoever reads the file finds the old key or the new. Repeated, it finishes what was interrupted. Raises
    ``WrongInput`` where a file can't be written.
    """
    if keys.begun:
        load_key(KeyFile(keys.new))
        content = content_of(keys.used)
        if content not in map(content_of, keys.old):
            write_new(keys.old_at(now), content, 0o600)
        _keep_public_halves(keys)
        _move(keys)
    _keep_public_halves(keys)
    _settle_public_half(keys)


def shown_fingerprint(path: Path) -> str:
    """The fingerprint of a private key's file; raises ``WrongInput``."""
    return fingerprint(load_key(KeyFile(path)).public_key())


def _move(keys: Keys) -> None:
    """The new key belongs to whom the old one belonged to: a service must be able to read it."""
    try:
        owner, ours = keys.used.stat(), keys.new.stat()
        if (owner.st_uid, owner.st_gid) != (ours.st_uid, ours.st_gid):
            os.chown(keys.new, owner.st_uid, owner.st_gid)
        keys.new.replace(keys.used)
    except OSError as error:
        refuse(f"{keys.used} can't be replaced: {error.strerror}", "nothing was changed; do it as the file's owner")


def _keep_public_halves(keys: Keys) -> None:
    """Of the old keys, for whoever has to verify what they signed."""
    for old in keys.old:
        if not public_path(old).exists():
            write_new(public_path(old), _public_half(old), 0o644)


def _settle_public_half(keys: Keys) -> None:
    """The new public half under the usual name, in the place of an old one and of nothing else."""
    public, passing = public_path(keys.used), public_path(keys.new)
    if not public.exists() or _is_half_of(public, keys.old):
        replace_whole(public, _public_half(keys.used), 0o644)
    if passing.exists() and content_of(passing) == content_of(public):
        try:
            passing.unlink()
        except OSError as error:
            refuse(f"{passing} can't be removed: {error.strerror}")


def _is_half_of(public: Path, private: tuple[Path, ...]) -> bool:
    try:
        return fingerprint(public_key(content_of(public), public)) in map(shown_fingerprint, private)
    except WrongInput:
        return False


def _public_half(private: Path) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    key = load_key(KeyFile(private)).public_key()
    return key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
