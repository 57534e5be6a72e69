"""``map``, ``select``, ``reject`` and their ``attr`` forms: filters that apply a filter or a test to each item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.errors import Absent
from runner.expression.lookup import follow, path_of
from runner.expression.values import items_of, refuse_secret, text, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.expression.work import Work

_COST_OF_A_STEP = 1


def map_(work: Work, value: object, *arguments: object, **keywords: object) -> list[object]:
    """One attribute of each item (``attribute=``, with a ``default``), or a filter applied to each."""
    items = items_of(value, work)
    work.spend(_COST_OF_A_STEP * len(items))
    if arguments:
        return _filtered(work, items, arguments, keywords)
    path = path_of(keywords["attribute"])
    if "default" not in keywords:
        return [follow(item, path) for item in items]
    return [_follow_or(item, path, keywords["default"]) for item in items]


def _filtered(
    work: Work, items: list[object], arguments: tuple[object, ...], keywords: dict[str, object]
) -> list[object]:
    operation = work.filters[text(arguments[0], "the filter")]
    results = []
    for item in items:
        refuse_secret(item)
        work.spend(operation.cost)
        results.append(operation.perform(work, item, *arguments[1:], **keywords))
    return results


def _follow_or(item: object, path: list[str | int], default: object) -> object:
    try:
        return follow(item, path)
    except Absent:
        return default


def select(work: Work, value: object, *arguments: object, **keywords: object) -> list[object]:
    """The items for which a test holds, or that are true."""
    return _picked(work, value, _tester(work, arguments, keywords), True)


def reject(work: Work, value: object, *arguments: object, **keywords: object) -> list[object]:
    """The items for which a test doesn't hold, or that are false."""
    return _picked(work, value, _tester(work, arguments, keywords), False)


def selectattr(work: Work, value: object, attr: object, *arguments: object, **keywords: object) -> list[object]:
    """The items with an attribute for which a test holds, or that is true."""
    return _picked(work, value, _of_attribute(attr, work, arguments, keywords), True)


def rejectattr(work: Work, value: object, attr: object, *arguments: object, **keywords: object) -> list[object]:
    """The items with an attribute for which a test doesn't hold, or that is false."""
    return _picked(work, value, _of_attribute(attr, work, arguments, keywords), False)


def _picked(work: Work, value: object, test: Callable[[object], bool], wanted: bool) -> list[object]:
    items = items_of(value, work)
    work.spend(_COST_OF_A_STEP * len(items))
    return [item for item in items if test(item) is wanted]


def _of_attribute(
    attr: object, work: Work, arguments: tuple[object, ...], keywords: dict[str, object]
) -> Callable[[object], bool]:
    path, test = path_of(attr), _tester(work, arguments, keywords)
    named = arguments[0] if arguments else None
    if named not in ("defined", "undefined"):
        return lambda item: test(follow(item, path))
    return lambda item: _is_there(item, path) is (named == "defined")


def _is_there(item: object, path: list[str | int]) -> bool:
    try:
        follow(item, path)
    except Absent:
        return False
    return True


def _tester(work: Work, arguments: tuple[object, ...], keywords: dict[str, object]) -> Callable[[object], bool]:
    if not arguments:
        return truth
    perform, others = work.tests[text(arguments[0], "the test")].perform, arguments[1:]

    def test(item: object) -> bool:
        refuse_secret(item)
        work.spend(_COST_OF_A_STEP)
        return bool(perform(work, item, *others, **keywords))

    return test
