"""What is left of a type where a test holds, or doesn't: null is ruled out, words are, kinds are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runner.plan.types.model import BOOLEAN, CONTAINER, INTEGER, MAPPING, MISSING, NULL, NUMBER, TEXT, Type

_KINDS = {
    "none": NULL,
    "string": TEXT,
    "number": NUMBER,
    "integer": INTEGER,
    "boolean": BOOLEAN,
    "mapping": MAPPING,
    "sequence": CONTAINER,
    "iterable": CONTAINER,
}
_EQUAL = frozenset({"==", "eq", "equalto"})
_UNEQUAL = frozenset({"!=", "ne"})
_ORDERING = frozenset({"<", "lt", "lessthan", "<=", "le", ">", "gt", "greaterthan", ">=", "ge"})
_NUMERIC = frozenset({"odd", "even", "divisibleby"})
TRUE = "true-like"
"""What is asked of a value that stands alone as a condition."""

_TRUTHS = frozenset({TRUE, "true", "false"})


def where(
    type_: Type, test: str, others: Sequence[Type], holds: bool, constants: tuple[object, ...] | None = None
) -> Type:
    """The type of what passed a test, or failed it; ``constants`` are the items of a list that was written out."""
    if not type_.known:
        return type_
    if test in _KINDS:
        return type_.only(_KINDS[test]) if holds else type_.without(_KINDS[test])
    if test in _UNEQUAL:
        return where(type_, "eq", others, not holds)
    if test in _EQUAL:
        return _equal(type_, others, holds)
    if test in _ORDERING or test in _NUMERIC:
        return type_.without(MISSING)
    if test in _TRUTHS and (holds or test == "false"):
        return type_.without(MISSING) if holds else type_
    if test == "in" and constants is not None:
        return _among(type_, constants, holds)
    return type_


def _equal(type_: Type, others: Sequence[Type], holds: bool) -> Type:
    other = others[0] if others else type_
    if not other.known:
        return type_
    if other.kinds == NULL:
        return type_.only(NULL) if holds else type_.without(NULL)
    if holds:
        return _with_words(type_ if other.kinds & NULL else type_.without(MISSING), other.words, other.kinds == TEXT)
    return _without_words(type_, other.words) if other.words is not None and len(other.words) == 1 else type_


def _with_words(type_: Type, words: frozenset[str] | None, is_text: bool) -> Type:
    if words is None or not is_text or not type_.kinds & TEXT:
        return type_
    left = words if type_.words is None else words & type_.words
    return replace(type_, words=left) if left else type_


def _without_words(type_: Type, words: frozenset[str]) -> Type:
    left = None if type_.words is None else type_.words - words
    return replace(type_, words=left) if left else type_


def _among(type_: Type, constants: tuple[object, ...], holds: bool) -> Type:
    texts = frozenset(each for each in constants if isinstance(each, str))
    if not holds:
        return _without_words(type_.without(NULL) if None in constants else type_, texts)
    found = type_ if None in constants else type_.without(MISSING)
    return _with_words(found, texts, len(texts) == len(constants))
