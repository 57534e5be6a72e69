"""What is wrong inside one expression, in characters of its text, and the sentences that several rules share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from runner.expression.nodes import Node
from runner.frozen import frozen
from runner.plan.types.model import Type

_SHOWN = 8


@frozen
class Finding:
    """One mistake; ``sure`` is one that ``any(…)`` can't silence."""

    offset: int
    length: int
    title: str
    label: str = ""
    help: str = ""
    sure: bool = False


def at(node: Node, title: str, label: str = "", help: str = "", *, sure: bool = False) -> Finding:
    """A finding at a node."""
    return Finding(node.offset, node.length, title, label, help, sure)


def suggestion(word: str, known: Iterable[str]) -> str:
    """``did you mean `x`?``, or what there is."""
    names = list(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else listed(names)


def listed(names: Iterable[str]) -> str:
    """``it has: a, b, c``; a long list is cut."""
    all_names = list(names)
    if not all_names:
        return "it has no fields"
    return f"it has: {_cut(all_names)}"


def _cut(names: list[str]) -> str:
    more = ", …" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def right_word(word: str, known: Iterable[str]) -> str:
    """Which of the known words was meant: the wire's form of a short one, the nearest, or all there are."""
    words = sorted(each for each in known if each)
    short = word.upper().replace(" ", "_").replace("-", "_")
    whole = [each for each in words if short and each.endswith(f"_{short}")]
    if whole:
        return f'write "{min(whole, key=len)}"'
    close = get_close_matches(word, words, n=1, cutoff=0.6) or _nearest_ending(short, words)
    return f'did you mean "{close[0]}"?' if close else f"it is one of: {_cut(words)}"


def _nearest_ending(short: str, words: list[str]) -> list[str]:
    """The word whose last part, behind what all of them begin with, is nearest."""
    endings = {_ending(each, words): each for each in words}
    return [endings[each] for each in get_close_matches(short, endings, n=1, cutoff=0.6)]


def _ending(word: str, words: list[str]) -> str:
    shared = 0
    while len(words) > 1 and all(each[: shared + 1] == word[: shared + 1] for each in words) and shared < len(word):
        shared += 1
    return word[word[:shared].rfind("_") + 1 :]


def sealed(node: Node) -> Finding:
    """A secret where something is computed of it."""
    title, help = "a secret can't be computed with", 'use it whole, or as "text {{ around }} it"'
    return at(node, title, "", help, sure=True)


def maybe_null(node: Node, source: str, type_: Type, wanted: str) -> Finding:
    """What may be null, where null can't be used."""
    origin = f" ({type_.origin})" if type_.origin else ""
    return at(
        node,
        f"{source} may be null",
        f"{wanted}{origin}",
        f"guard it, as in `{_bare(source)} is not none and …` or a step's `when`,"
        f" or say what to use instead: `{_bare(source)} | default(…, true)`",
    )


def maybe_absent(offset: int, length: int, source: str, type_: Type) -> Finding:
    """An optional field, used as if it were always there."""
    origin = f"optional in {type_.origin}" if type_.origin else "an optional field"
    return Finding(
        offset,
        length,
        f"{source} may be absent",
        origin,
        f"ask first, as in `{_bare(source)} is defined and …`,"
        f" or say what to use instead: `{_bare(source)} | default(…)`",
    )


def item_absent(node: Node, path: str, of: Type) -> Finding:
    """An optional field of a list's items."""
    origin = f"optional in {of.origin}" if of.origin else "some items don't have it"
    help = f'give a default: `map(attribute="{path}", default=…)`, or take `selectattr("{path}", "defined")` first'
    return at(node, f"field `{path}` of an item may be absent", origin, help)


def _bare(source: str) -> str:
    inner = source.strip("`")
    return inner if len(inner) <= 30 else "x"
