"""What `list` says that a bundled playbook costs in calls, read from its sentence, to be held against what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runner.cli.bundled import all_bundled

SENTENCES = {each.name: each.about[-1] for each in all_bundled()}
BY_THE_ROUND = {"kyc-onboarding", "settlement-watch", "stale-order-sweep", "token-refresh-soak", "unknown-result-drill"}
"""Those that tell what each round, person or order costs, since it depends on inputs how many there are."""

_CALLS = re.compile(r"(some )?(no|\d+)(?: to (\d+))? (?:calls?|reads|inserts?|cancels?)\b", re.IGNORECASE)
_BY_THE_MINUTE = re.compile(r"\b(\d+|one) (of them )?of (?:the )?(6|12)\b")
_LEAST_SLACK = 2


@dataclass(frozen=True)
class Costs:
    """Calls without those for a token. ``kinds`` are those of the kind of which there are most, by the allowance of a
    minute; ``together`` those of all such kinds."""

    least: int
    most: int
    kinds: Mapping[int, int]
    together: Mapping[int, int]


def costs(sentence: str) -> Costs:
    """What a sentence says, but for what stands in brackets; "some" is within a tenth."""
    told = re.sub(r"\(.*?\)", "", sentence)
    bounds = list(_bounds(told))
    minute = [(1 if count == "one" else int(count), all, int(of)) for count, all, of in _BY_THE_MINUTE.findall(told)]
    return Costs(
        least=sum(least for least, _ in bounds),
        most=sum(most for _, most in bounds),
        kinds=dict(sorted((of, count) for count, all, of in minute if not all)),
        together={of: count for count, all, of in minute if all},
    )


def _bounds(told: str) -> Iterator[tuple[int, int]]:
    for some, first, last in _CALLS.findall(told):
        number = 0 if first.lower() == "no" else int(first)
        slack = max(_LEAST_SLACK, number // 10) if some else 0
        yield number - slack, int(last or number) + slack


def by_the_minute(plan: Any, made: Mapping[str, int]) -> dict[int, list[int]]:
    """How many calls were made of each kind that is counted by the minute, by its allowance."""
    found: dict[int, list[int]] = {}
    for load in plan["rate_limits"]:
        allowance = re.fullmatch(r"(\d+) a minute", load["allowance"])
        if allowance:
            count = sum(made.get(name, 0) for name in load["operations"])
            found.setdefault(int(allowance[1]), []).append(count)
    return found
