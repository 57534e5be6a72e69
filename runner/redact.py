"""Secrets as a type, and the last scan that keeps them out of every output.

A ``Secret`` is not a ``str``: an f-string, a log line or a traceback shows ``****``, and only the code that puts it
on the wire calls ``reveal``. The ``Redactor`` stands behind that type: it is told every secret of the run and
replaces their plain and encoded forms in whatever is about to be shown or kept.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "****"
_SHORTEST = 6


class Secret:
    """A text that may be put on the wire and nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; for the wire only."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is never serialised")


class Redactor:
    """Replaces every known secret, in each form it may have taken on the way, by ``****``.

    Secrets shorter than six characters are left to the type alone: masking each ``a`` would turn a report to mush.
    """

    __slots__ = ("_forms", "_shortest")

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._forms: list[str] = []
        self._shortest = sys.maxsize
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """Mask this secret, too, from now on."""
        text = secret.reveal()
        forms = set(self._forms)
        for part in {text, text.strip(), *_long_lines(text)}:
            if len(part) >= _SHORTEST:
                forms |= _forms(part)
        self._forms = sorted(forms, key=len, reverse=True)
        self._shortest = min(map(len, forms), default=sys.maxsize)

    def text(self, text: str) -> str:
        """``text`` with every known secret masked; call it before anything is cut to length."""
        if len(text) < self._shortest:
            return text
        # One search a form, longest first: a regular expression of them all takes 30 ms to compile for one token.
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def value(self, value: object) -> object:
        """Plain data (dicts, lists, scalars) with every text in it masked, keys included."""
        match value:
            case str():
                return self.text(value)
            case Secret():
                return MASK
            case dict():
                return {self.text(str(key)): self.value(item) for key, item in value.items()}
            case list() | tuple():
                return [self.value(item) for item in value]
        return value


def _long_lines(text: str) -> list[str]:
    """The lines of a PEM that carry key material: one alone in an output is a leak."""
    return [line for line in text.splitlines() if len(line) >= 40]


def _forms(text: str) -> set[str]:
    raw = text.encode()
    escaped = json.dumps(text)[1:-1]
    plain = {text, escaped, json.dumps(escaped)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    quoted = {quote(text), quote(text, safe=""), quote_plus(text), quote(quote(text, safe=""), safe="")}
    return plain | quoted | _base64_forms(raw) | {raw.hex(), raw.hex().upper()}


def _base64_forms(raw: bytes) -> set[str]:
    """Base64 of the secret wherever it may begin inside a longer text: at each of the three offsets."""
    found: set[str] = set()
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * offset + raw).decode().rstrip("=")
            first = -(-offset * 8 // 6)
            last = (offset + len(raw)) * 8 // 6
            if len(text[first:last]) >= _SHORTEST:
                found.add(text[first:last])
    return found
