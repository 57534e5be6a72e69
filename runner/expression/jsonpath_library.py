"""RFC 9535 paths beyond the simplest, by the package ``python-jsonpath``; loaded when such a path is first used.

Its number literals are made exact here (it would read integers, too, through a binary float), and its work bounded:
the document is copied into containers that pay for each step over them, and a regular expression pays for the worst
that it could do before it is tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jsonpath import JSONPathEnvironment
from jsonpath.exceptions import JSONPathError, JSONPathSyntaxError
from jsonpath.filter import BaseExpression, FloatLiteral, IntegerLiteral
from jsonpath.function_extensions import Match, Search
from jsonpath.parse import Parser

from runner.expression.arithmetic import decimal_from
from runner.expression.copying import plain, weigh
from runner.expression.errors import Trouble
from runner.expression.values import refuse_secret

if TYPE_CHECKING:
    from jsonpath.stream import TokenStream

    from runner.expression.work import Work

_COST_OF_A_STEP = 16
_COST_OF_A_COPY = 3
_STEEPEST = 6
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_REPEAT = re.compile(r"[*+?{]")


def find(work: Work, value: object, path: str) -> list[object]:
    """The values that the path finds in a mapping or list.

    Raises:
        Trouble: the path is no JSONPath, or the search would take too long.
    """
    try:
        compiled = _Environment(work).compile(path)
        found = [match.obj for match in compiled.finditer(_counted(value, work))]
    except (JSONPathError, RecursionError) as error:
        reason = error.args[0] if error.args and isinstance(error.args[0], str) else "it is nested too deeply"
        raise Trouble(f"the path can't be followed: {reason}", "paths are written as in RFC 9535") from None
    copied = plain(found, work)
    assert isinstance(copied, list)  # noqa: S101
    return copied


class _Parser(Parser):
    """Reads both kinds of number literals exactly."""

    def parse_integer_literal(self, stream: TokenStream) -> BaseExpression:
        number = _literal(stream)
        if number != number.to_integral_value():
            raise JSONPathSyntaxError("an integer is expected", token=stream.current())
        return IntegerLiteral(value=int(number))

    def parse_float_literal(self, stream: TokenStream) -> BaseExpression:
        return FloatLiteral(value=_literal(stream))  # type: ignore[arg-type]


def _literal(stream: TokenStream) -> Decimal:
    token = stream.next()
    if re.match(r"-?0[0-9]", token.value):
        raise JSONPathSyntaxError("a number begins with 0", token=token)
    return decimal_from(token.value)


class _Environment(JSONPathEnvironment):
    """The standard's rules, nothing more, on a budget."""

    parser_class = _Parser

    def __init__(self, work: Work) -> None:
        self.work = work
        super().__init__(strict=True)

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _BoundedMatch(self.work)
        self.function_extensions["search"] = _BoundedSearch(self.work)

    def compare(self, left: object, operator: str, right: object) -> bool:
        for side in (left, right):
            self.work.spend(_COST_OF_A_STEP)
            weigh(side, self.work)
        return super().compare(left, operator, right)


class _BoundedMatch(Match):
    """``match`` that pays first."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work

    def __call__(self, value: object, pattern: object) -> bool:
        _pay_for_pattern(self.work, value, pattern, 0)
        return super().__call__(value, pattern)


class _BoundedSearch(Search):
    """``search`` that pays first."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work

    def __call__(self, value: object, pattern: object) -> bool:
        _pay_for_pattern(self.work, value, pattern, 1)
        return super().__call__(value, pattern)


def _pay_for_pattern(work: Work, value: object, pattern: object, starts: int) -> None:
    """The worst that backtracking can do: each repeat multiplies by the text's length, each ``|`` by two."""
    if not isinstance(value, str) or not isinstance(pattern, str):
        return
    if _REPEATED_GROUP.search(pattern):
        raise Trouble("the pattern repeats a group", "repeat single characters or classes only")
    repeats = len(_REPEAT.findall(pattern)) + starts
    work.spend(1 + (len(value) + 1) ** min(repeats, _STEEPEST) * 2 ** min(pattern.count("|"), 20) // 16)


class _CountedList(list[object]):
    """A list that pays for each step over it."""

    __slots__ = ("work",)
    work: Work

    def __iter__(self) -> Iterator[object]:
        for item in super().__iter__():
            self.work.spend(_COST_OF_A_STEP)
            yield item


class _CountedDict(dict[str, object]):
    """A mapping that pays for each step over it."""

    __slots__ = ("work",)
    work: Work

    def items(self) -> Any:
        self.work.spend(_COST_OF_A_STEP * len(self))
        return super().items()

    def values(self) -> Any:
        self.work.spend(_COST_OF_A_STEP * len(self))
        return super().values()


def _counted(value: object, work: Work) -> Any:
    work.spend(_COST_OF_A_COPY)
    refuse_secret(value)
    if isinstance(value, Mapping):
        mapping = _CountedDict((key, _counted(item, work)) for key, item in value.items())
        mapping.work = work
        return mapping
    if isinstance(value, list | tuple):
        listing = _CountedList(_counted(item, work) for item in value)
        listing.work = work
        return listing
    return value
