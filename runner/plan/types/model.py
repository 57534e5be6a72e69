"""A type: which kinds of values an expression may come to, and what is known of their parts.

Kinds are bits, so that "a number or null" is one small integer; a type without any kind is one of which nothing is
known. Types are plain data made from JSON Schemas and from each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.frozen import frozen

TEXT, INTEGER, DECIMAL, BOOLEAN, NULL, LIST, MAPPING, TIME, DURATION, SECRET, ABSENT = (1 << n for n in range(11))
NUMBER = INTEGER | DECIMAL
MISSING = NULL | ABSENT
ORDERED = TEXT | NUMBER | TIME | DURATION
CONTAINER = TEXT | LIST | MAPPING

_NAMES = (
    (TEXT, "a text"),
    (INTEGER, "an integer"),
    (DECIMAL, "a decimal"),
    (BOOLEAN, "a boolean"),
    (LIST, "a list"),
    (MAPPING, "a mapping"),
    (TIME, "a time"),
    (DURATION, "a duration"),
    (SECRET, "a secret"),
    (NULL, "null"),
    (ABSENT, "absent"),
)


@frozen
class Type:
    """The kinds of an expression's value; 0 where nothing is known.

    ``items`` is the type of a list's items (None: it is empty), ``gaps`` whether null may stand in place of some;
    ``fields`` are those that a mapping is known to have, ``others`` the type of any further one (None: there is none).
    ``words`` are all the texts it can be, None for any text. ``prose`` is a text that never spells a number. ``origin``
    says where the type is from, for messages.
    """

    kinds: int
    items: Type | None = None
    fields: Mapping[str, Type] | None = None
    others: Type | None = None
    words: frozenset[str] | None = None
    prose: bool = False
    gaps: bool = False
    origin: str = ""

    @property
    def known(self) -> bool:
        """Whether anything at all is known of it."""
        return self.kinds != 0

    @property
    def item(self) -> Type:
        """The type of any of a list's items."""
        items = self.items or UNKNOWN
        return items.or_null() if self.gaps else items

    def only(self, kinds: int) -> Type:
        """As far as it is of these kinds; unchanged where that leaves nothing, or nothing is known."""
        left = self.kinds & kinds
        return self if left in (0, self.kinds) else replace(self, kinds=left)

    def without(self, kinds: int) -> Type:
        """The same without these kinds; unchanged where that leaves nothing."""
        return self.only(~kinds)

    def or_null(self) -> Type:
        """It, or null."""
        return replace(self, kinds=self.kinds | NULL) if self.known else self

    def described(self) -> str:
        """What a message calls it: ``a text or null``."""
        return described(self.kinds)

    def explained(self) -> str:
        """The same with where it is from: ``a text (the result of `whoami`)``."""
        return f"{self.described()} ({self.origin})" if self.origin else self.described()


UNKNOWN = Type(0)
ANY_TEXT = Type(TEXT)
WHOLE = Type(INTEGER)
ANY_NUMBER = Type(NUMBER)
FLAG = Type(BOOLEAN)
MOMENT = Type(TIME)
LENGTH_OF_TIME = Type(DURATION)
SEALED = Type(SECRET)
PERHAPS = Type(2 * ABSENT - 1 & ~(NULL | SECRET), items=UNKNOWN, others=UNKNOWN)
"""Absent, or anything of which nothing is complained."""
TEXTS = Type(LIST, items=ANY_TEXT)
UNKNOWNS = Type(LIST, items=UNKNOWN)


def described(kinds: int) -> str:
    """Kinds in words: ``a text``, ``a number or null``, ``a text, a list or null``."""
    return _alternatives(_names(kinds))


def plural(kinds: int) -> str:
    """The same of several: ``texts``, ``numbers or null``."""
    return _alternatives([f"{name.split()[1]}s" if " " in name else name for name in _names(kinds)])


def _names(kinds: int) -> list[str]:
    names = [name for kind, name in _NAMES if kinds & kind]
    if kinds & NUMBER != NUMBER:
        return names
    return ["a number" if name == "a decimal" else name for name in names if name != "an integer"]


def _alternatives(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def words(*texts: str, origin: str = "") -> Type:
    """A text that is one of these."""
    return Type(TEXT, words=frozenset(texts), origin=origin)


def record(fields: Mapping[str, Type], origin: str = "") -> Type:
    """A mapping that has these fields and no others."""
    return Type(MAPPING, fields=fields, origin=origin)


def list_of(items: Type | None) -> Type:
    """A list with items of a type."""
    return Type(LIST, items=items)


def either(one: Type, other: Type) -> Type:
    """What is of the one type or of the other; unknown if either is."""
    if one is other:
        return one
    if not (one.known and other.known):
        return UNKNOWN
    return Type(
        one.kinds | other.kinds,
        items=_either_items(one, other),
        fields=_either_fields(one, other),
        others=_either_others(one, other),
        words=_either_words(one, other),
        gaps=one.gaps or other.gaps,
        prose=all(each.prose for each in (one, other) if each.kinds & TEXT),
        origin=one.origin if one.origin == other.origin else "",
    )


def _either_items(one: Type, other: Type) -> Type | None:
    found = [each.items for each in (one, other) if each.kinds & LIST and each.items is not None]
    return either(*found) if len(found) == 2 else next(iter(found), None)


def _either_words(one: Type, other: Type) -> frozenset[str] | None:
    texts = [each.words for each in (one, other) if each.kinds & TEXT]
    return None if not texts or None in texts else frozenset().union(*texts)  # type: ignore[arg-type]


def _mappings(one: Type, other: Type) -> list[Type]:
    return [each for each in (one, other) if each.kinds & MAPPING]


def _either_fields(one: Type, other: Type) -> Mapping[str, Type] | None:
    found = _mappings(one, other)
    if len(found) < 2:
        return found[0].fields if found else None
    if one.fields is other.fields:
        return one.fields
    names = [*(one.fields or {}), *(name for name in other.fields or {} if name not in (one.fields or {}))]
    return {name: either(field_of(one, name), field_of(other, name)) for name in names}


def _either_others(one: Type, other: Type) -> Type | None:
    found = [each.others for each in _mappings(one, other) if each.others is not None]
    return either(*found) if len(found) == 2 else next(iter(found), None)


def field_of(mapping: Type, name: str) -> Type:
    """The type of a mapping's field, of kind ``ABSENT`` if it has none of that name."""
    found = (mapping.fields or {}).get(name)
    return found or mapping.others or Type(ABSENT)


def with_field(mapping: Type, name: str, field: Type) -> Type:
    """The mapping with another type for one of its fields."""
    return replace(mapping, fields={**(mapping.fields or {}), name: field})


def holds_secret(type_: Type) -> bool:
    """Whether it is a secret, or a list or mapping with one in it."""
    parts = (*(() if type_.items is None else (type_.items,)), *(type_.fields or {}).values())
    return bool(type_.kinds & SECRET) or any(map(holds_secret, parts))
