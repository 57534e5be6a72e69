"""The ``jsonpath`` filter: the values that an RFC 9535 path finds, always a list.

Simple paths (``$.a.b[0]['c']``) are read here; for the rest the package ``python-jsonpath`` is loaded, with both
kinds of number literals made exact, and with containers that pay for each step over them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from runner.expression.errors import Absent, Trouble
from runner.expression.lookup import field, item
from runner.expression.values import refuse_secret, show, text

if TYPE_CHECKING:
    from runner.expression.work import Work

_LONGEST = 1_000
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_STEP = re.compile(rf"\.({_NAME})|\[(-?(?:0|[1-9][0-9]{{0,8}}))\]|\['([^'\\\\]*)'\]|\[\"([^\"\\\\]*)\"\]")
_SIMPLE = re.compile(rf"\$(?:{_STEP.pattern})*")


def jsonpath(work: Work, value: object, path: object) -> list[object]:
    """The values in ``value`` that ``path`` finds, in document order.

    Raises:
        Trouble: the path is not one of RFC 9535, or takes too much work.
    """
    written = text(path, "path")
    if len(written) > _LONGEST:
        raise Trouble(f"the path is longer than {_LONGEST} characters")
    if not isinstance(value, Mapping | list | tuple):
        refuse_secret(value)
        raise Trouble(f"a path leads into a mapping or list, not into {show(value)}")
    if _SIMPLE.fullmatch(written):
        return _simple(value, written)
    from runner.expression.jsonpath_library import find

    return find(work, value, written)


def _simple(value: object, path: str) -> list[object]:
    for name, index, single, double in _STEP.findall(path):
        try:
            value = _step(value, name or single or double, index)
        except Absent:
            return []
        if value is _NOTHING:
            return []
    return [value]


_NOTHING = object()


def _step(value: object, name: str, index: str) -> object:
    if isinstance(value, list | tuple) and index:
        return item(value, int(index), "it")
    if isinstance(value, Mapping) and not index:
        return field(value, name, "it")
    return _NOTHING
