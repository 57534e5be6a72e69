"""The hash of a plan: a digest of everything that decides what a run does, with a short one of each part behind it.

32 hex digits of all, then 8 each of the playbook, the inputs, the selection, the settings and the version, with ``-``
in between: the first tells whether anything changed, the others what.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from runner.errors import GuardRefused
from runner.frozen import frozen
from runner.plan import Plan, personal_inputs
from runner.record.codec import encode_value
from runner.redact import Secret
from runner.settings import Settings

_ALL, _PART = 32, 8
_SHAPE = re.compile(rf"[0-9a-f]{{{_ALL}}}(-[0-9a-f]{{{_PART}}}){{5}}")
_PARTS = ("playbook", "inputs", "selection", "settings", "version")
_NO_MATTER = frozenset({"private_key", "state_dir"})
"""Where the key lies and where runs are kept change nothing that is sent."""


@frozen
class Fingerprint:
    """A digest of each part, in hex."""

    playbook: str
    inputs: str
    selection: str
    settings: str
    version: str

    def __str__(self) -> str:
        digests = [str(getattr(self, name)) for name in _PARTS]
        whole = _digest("\n".join(digests))[:_ALL]
        return "-".join([whole, *(each[:_PART] for each in digests)])

    def demand(self, stated: str) -> None:
        """Raise ``GuardRefused`` if this is not the plan of the stated hash, naming what is known to have changed."""
        own = str(self)
        if own == stated:
            return
        pairs = zip(_PARTS, own.split("-")[1:], stated.split("-")[1:], strict=True)
        changed = [name for name, now, then in pairs if now != then]
        what = " and ".join(_WORDS[name] for name in changed) or "something"
        raise GuardRefused(
            f"this is not the plan that was stated: {what} changed since; nothing was sent",
            help="look at it again with `pmx-run plan`, and give its hash if it is what you want",
        )


_WORDS = {
    "playbook": "the playbook",
    "inputs": "the inputs",
    "selection": "the selection of steps",
    "settings": "the settings",
    "version": "the version of pmx-run",
}


def is_hash(text: str) -> bool:
    """Whether a text has the form of a plan's hash."""
    return _SHAPE.fullmatch(text) is not None


def fingerprint(plan: Plan, settings: Settings, version: str) -> Fingerprint:
    """The fingerprint of a plan as it would be run with these settings by this version of the program."""
    selection = _digest(_written([step.path for step in plan.all_steps if step.left_out]))
    return Fingerprint(plan.sha256, _of_inputs(plan), selection, _of_settings(settings), _digest(version))


def _of_inputs(plan: Plan) -> str:
    """Values that are secret, or tell of people, count by a digest that takes long to try out."""
    personal = personal_inputs(plan)
    hidden = {name: value for name, value in plan.inputs.items() if isinstance(value, Secret) or name in personal}
    shown = {name: encode_value(value) for name, value in plan.inputs.items() if name not in hidden}
    return _digest(_written({"shown": shown, "hidden": _slow_digest(hidden) if hidden else ""}))


def _slow_digest(values: Mapping[str, object]) -> str:
    """All of them together, so that one that can be guessed is guarded by the others."""
    plain = {
        name: value.reveal() if isinstance(value, Secret) else encode_value(value) for name, value in values.items()
    }
    salt = "\n".join(sorted(plain)).encode()
    return hashlib.scrypt(_written(plain).encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()


def _of_settings(settings: Settings) -> str:
    stated = [[name, _plain(setting.value)] for name, setting in settings.shown() if name not in _NO_MATTER]
    return _digest(_written(sorted(stated)))


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return _written(sorted(map(str, value)))
    return str(value)


def _written(value: Mapping[str, object] | Sequence[object]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
