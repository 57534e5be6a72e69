"""Secrets as a type, and the last scan that keeps them out of every output.

A ``Secret`` is not a ``str``: an f-string, a log line or a traceback shows ``****``, text around it makes a larger one,
and only the code that puts it on the wire calls ``reveal``. The ``Redactor`` stands behind that type: it is told every
secret of the run and replaces it, in each form that it may have taken on the way, in whatever is about to be shown or
kept.
"""

from __future__ import annotations

import base64
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from runner.escapes import Escape

MASK = "****"
_SHORTEST = 6
_SHORTEST_WORD = 3
_KEY_LINE = 40
_MOST_PASSING = 32
_MARKS = ("\\", "%", "&", "\n")
_MARKS_OF_A_FORM = (*_MARKS, "+")


class Secret:
    """A text that may be put on the wire and nowhere else: what is not written here can't be done with it."""

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        _ALIVE[id(self)] = self

    def reveal(self) -> str:
        """The text itself; for the wire only."""
        return self._text

    def __add__(self, text: object) -> Secret:
        return Secret(self._text + text) if isinstance(text, str) else NotImplemented

    def __radd__(self, text: object) -> Secret:
        return Secret(text + self._text) if isinstance(text, str) else NotImplemented

    def __bool__(self) -> bool:
        raise TypeError("a secret is not asked what it holds")

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


_ALIVE: WeakValueDictionary[int, Secret] = WeakValueDictionary()


def alive() -> list[Secret]:
    """Every secret of this process, for the one who has to report a crash and knows none of them."""
    return list(_ALIVE.values())


class Redactor:
    """Replaces every known secret, in each form it may have taken on the way, by ``****``.

    Secrets shorter than six characters are left to the type alone: masking each ``a`` would turn a report to mush.
    Several threads may teach and ask it at once.
    """

    __slots__ = ("_forms", "_lasting", "_marks", "_passing", "_shortest", "_turn", "_ways", "_words")

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._lasting: set[str] = set()
        self._passing: deque[set[str]] = deque(maxlen=_MOST_PASSING)
        self._words: set[str] = set()
        self._turn = threading.Lock()
        self._forms: list[str] = []
        # Each of the two is worth something beside the very list that it was made of, and made anew beside another.
        self._ways: tuple[list[str], tuple[Escape, ...]] = (self._forms, ())
        self._marks: tuple[list[str], tuple[str, ...]] = (self._forms, _MARKS)
        self._shortest = sys.maxsize
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """Mask this secret, too, from now on."""
        with self._turn:
            self._lasting |= _forms_of(secret.reveal())
            self._gather()

    def learn_passing(self, secret: Secret) -> None:
        """Mask a token or an assertion until 32 later ones are known: by then it is worth nothing any more."""
        with self._turn:
            self._passing.append(_forms_of(secret.reveal()))
            self._gather()

    def learn_name(self, name: str) -> None:
        """Mask what a person is known by.

        One of three to five characters only where it stands as a word, and none that is a number: else the ``Lee`` in
        ``Leeds`` and every price of 1234 would go, too. Shorter ones are left to whoever knows where they stand.
        """
        if len(name) >= _SHORTEST:
            self.learn(Secret(name))
        elif len(name) >= _SHORTEST_WORD and not name.isdecimal():
            with self._turn:
                self._words = self._words | {name}

    def text(self, text: str) -> str:
        """``text`` with every known secret masked; call it before anything is cut to length."""
        if len(text) >= self._shortest:
            marks = self._marks_by_now()
            found = [*self._places(text), *(self._places_below(text) if any(map(text.__contains__, marks)) else ())]
            text = _masked(text, found) if found else text
        return masked_words(text, self._words) if self._words else text

    def value(self, value: object) -> object:
        """Plain data (mappings, lists, scalars) with every text in it masked, keys included."""
        match value:
            case str():
                return self.text(value)
            case Secret():
                return MASK
            case Mapping():
                return {self.text(str(key)): self.value(item) for key, item in value.items()}
            case list() | tuple():
                return [self.value(item) for item in value]
        return value

    def _places(self, text: str) -> list[tuple[int, int]]:
        # One search a form: a regular expression of them all takes 30 ms to compile for one token.
        return [place for form in self._forms if form in text for place in _places(form, text)]

    def _places_below(self, text: str) -> Iterator[tuple[int, int]]:
        """Where that stands which shows only once escapes are undone."""
        from runner.escapes import readings, ways_to

        known, ways = self._ways
        if known is not self._forms:
            known = self._forms
            ways = ways_to(_whole_forms(known))
            self._ways = known, ways
        for reading in readings(text, ways):
            yield from reading.places(self._places(reading.text))

    def _marks_by_now(self) -> tuple[str, ...]:
        """What a text must hold to be read anew. Every time of day holds a ``+``, which stands for a space in forms."""
        known, marks = self._marks
        if known is not self._forms:
            known = self._forms
            odd = any(look in form for form in _whole_forms(known) for look in (" ", *_MARKS))
            marks = _MARKS_OF_A_FORM if odd else _MARKS
            self._marks = known, marks
        return marks

    def _gather(self) -> None:
        self._forms = [*self._lasting.union(*self._passing)]
        self._shortest = min(map(len, self._forms), default=sys.maxsize)


def masked_words(text: str, words: Iterable[str]) -> str:
    """``text`` without these words: where one is a part of a longer word it stays."""
    import re

    for word in words:
        if word and word in text:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", MASK, text)
    return text


def _places(form: str, text: str) -> list[tuple[int, int]]:
    found, at = [], text.find(form)
    while at >= 0:
        found.append((at, at + len(form)))
        at = text.find(form, at + len(form))
    return found


def _masked(text: str, places: Iterable[tuple[int, int]]) -> str:
    """``text`` with a mask for each stretch that the places cover together."""
    pieces, covered = [], 0
    for start, end in sorted(places):
        if start >= covered:
            pieces += [text[covered:start], MASK]
        covered = max(covered, end)
    return "".join([*pieces, text[covered:]])


def _forms_of(text: str) -> set[str]:
    """Every form to look for: of the whole, and of the lines of a PEM: one alone in an output is a leak."""
    parts = {text, text.strip(), *_key_lines(text)}
    return {form for part in parts if len(part) >= _SHORTEST for form in _forms(part)}


def _whole_forms(forms: Iterable[str]) -> list[str]:
    """All but those of a whole PEM, whose lines are looked for one by one."""
    return [form for form in forms if not _key_lines(form)]


def _key_lines(text: str) -> list[str]:
    """The lines of a PEM that carry the key, each of which is looked for by its own; none of another text."""
    lines = text.splitlines()
    if len(lines) < 2 or max(map(len, lines)) < _KEY_LINE:
        return []
    return [line for line in lines if not line.startswith("-----")]


def _forms(text: str) -> set[str]:
    """Plain, read as Latin-1 as headers are, in hex and in base64; escapes are undone in what is searched."""
    raw = text.encode(errors="surrogatepass")
    return {text, raw.decode("latin-1"), raw.hex(), raw.hex().upper()} | _base64_forms(raw)


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
