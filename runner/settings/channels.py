"""Whom to tell of a run: channels as ``pmx.yaml`` states them, without a secret in them.

What is secret (an address that whoever has it may write to, a password, a signing secret) stands in an environment
variable or a file; a channel names it, and can be kept as it is for a later try.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from runner.frozen import frozen

EVENTS = ("failure", "recovery", "in_doubt", "interrupted", "success")
USUAL = ("failure", "recovery", "in_doubt")
SECRETS = ("url", "secret", "user", "password")
_TUPLES = ("on", "to", "argv")


@frozen
class Channel:
    """One way to tell somebody; what its ``kind`` doesn't use is empty.

    Of each of ``SECRETS`` at most one is given: the text itself (where it may stand there), the name of an environment
    variable (``_env``), or a file (``_file``). ``folder`` is where relative paths start and commands are run.
    """

    kind: str
    on: tuple[str, ...] = USUAL
    url: str = ""
    url_env: str = ""
    url_file: str = ""
    secret_env: str = ""
    secret_file: str = ""
    host: str = ""
    port: int = 0
    tls: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    user: str = ""
    user_env: str = ""
    user_file: str = ""
    password_env: str = ""
    password_file: str = ""
    argv: tuple[str, ...] = ()
    folder: str = ""
    ca_bundle: str = ""

    def __str__(self) -> str:
        """As people know it: ``slack by SLACK_URL``."""
        where = {"email": ", ".join(self.to), "command": self.argv[0] if self.argv else ""}
        return f"{self.kind} by {where.get(self.kind) or self.url or self.url_env or self.url_file}"

    def plain(self) -> dict[str, Any]:
        """What is given, as JSON data."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items() if value}

    def variables(self) -> Iterator[str]:
        """The environment variables that it needs."""
        yield from filter(None, (getattr(self, f"{name}_env") for name in SECRETS))


def channel_of(plain: Mapping[str, Any]) -> Channel:
    """The channel that ``plain`` gave."""
    values: dict[str, Any] = {name: tuple(value) if name in _TUPLES else value for name, value in plain.items()}
    return Channel(**values)
