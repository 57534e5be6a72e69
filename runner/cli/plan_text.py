"""A plan for people: 80 columns, the requests of each step, then calls against rate limits, and money at risk."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from runner.cli.telling import Line
from runner.value import counted

_WIDTH = 80
_FEW_ITEMS = 2
_PARTICIPANT = "x-participant-id"
_USUAL = frozenset({"user-agent", "accept", "accept-encoding", "content-type", "content-length", "authorization"})
_MARKS = {True: "●", False: "○"}


def lines_of(plan: Mapping[str, Any], command: str) -> Iterator[Line]:
    """All of it, from the document; ``command`` runs this very plan."""
    yield from _head(plan)
    for step in plan["steps"]:
        yield ()
        yield from _step(step, plan["environment"]["participant"])
    yield ()
    yield from _rates(plan["rate_limits"], plan["calls"])
    yield ()
    yield from _money(plan)
    yield ()
    yield (("hash", "bold"),)
    yield (("  ", ""), (plan["hash"], ""))
    yield from _wrapped("Nothing was sent. To run this plan and no other one:", "", "dim")
    yield (("  ", ""), (f"{command} --plan HASH", ""))


def _head(plan: Mapping[str, Any]) -> Iterator[Line]:
    environment = plan["environment"]
    where = environment["base_url"] or "the exchange that the run brings along"
    production = ", PRODUCTION" if environment["production"] else ""
    yield (plan["playbook"]["name"], "bold"), (f" · {environment['name']} ({where}{production})", "")
    yield from _wrapped(f"as {environment['participant'] or 'nobody'} ({_PARTICIPANT}, where one is due)", "", "")
    if environment["account"]:
        yield from _wrapped(f"account {environment['account']}", "", "")
    yield from _wrapped("● byte for byte what will be sent   ○ known but for <what is marked so>", "", "dim")
    yield from _wrapped("All headers, and bodies without the spaces, are told by --json; tokens are ****.", "", "dim")


def _step(step: Mapping[str, Any], whose: str) -> Iterator[Line]:
    yield (f"{step['path']:<14} ", "cyan"), (step["title"], "bold")
    if facts := "; ".join(_facts(step)):
        yield from _wrapped(facts, "  ", "dim")
    yield from _acts(step, whose)
    if included := step["included"]:
        yield from _limits(included, "its own limit, each time")
    for cleanup in step["cleanup"]:
        yield ("  cleanup  ", "cyan"), (f"{cleanup['title']}, if it is still owed at the end", "")
        yield from _acts(cleanup, whose)


def _facts(step: Mapping[str, Any]) -> Iterator[str]:
    if step["performed"] != "yes":
        yield "left out" if step["performed"] == "no" else "perhaps left out: its condition is known later"
    if step["loop"]:
        items = step["loop"]["items"]
        known = items is not None
        yield f"for each of {counted(items, 'item')}" if known else "for each item of a list that is known later"
    if poll := step["poll"]:
        often = "" if poll["most"] is None else f", so {_often(poll['most'])}"
        yield f"polls every {_seconds(poll['every'])} within {_seconds(poll['within'])}{often}"


def _acts(act: Mapping[str, Any], whose: str) -> Iterator[Line]:
    if act["problem"]:
        yield from _wrapped(f"it will fail: {act['problem']}", "  ", "bold")
    usual = [each for each in act["requests"] if not each["only_after_failure"]]
    items = list(dict.fromkeys(each["item"] for each in usual))
    for _, same in groupby((each for each in usual if each["item"] in items[:_FEW_ITEMS]), _content):
        yield from _request(list(same), whose)
    if len(items) > _FEW_ITEMS:
        yield from _wrapped(f"… and so on for {counted(len(items) - _FEW_ITEMS, 'more item')}", "  ", "dim")
    yield from _after_failures(act["requests"])


def _content(request: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(request[name] for name in ("item", "method", "host", "path", "headers", "body"))


def _request(same: Sequence[Mapping[str, Any]], whose: str) -> Iterator[Line]:
    """A request, told once with all the reasons why it may be sent."""
    request = same[0]
    item = "" if request["item"] is None else f"[{request['item']}] "
    where = f"{item}{request['method']} {request['host'] or ''}{request['path']}"
    first, *rest = textwrap.wrap(where, _WIDTH - 6, break_on_hyphens=False)
    yield (f"  {_MARKS[request['known']]} ", "cyan" if request["known"] else ""), (first, "")
    yield from (((f"      {line}", ""),) for line in rest)
    for told in map(_how, same):
        yield from _wrapped(told or ("once" if len(same) > 1 else ""), "      ", "dim")
    for name, value in request["headers"].items():
        if name.lower() not in _USUAL and (name, value) != (_PARTICIPANT, whose):
            yield from _wrapped(f"{name}: {value}", "      ", "")
    if request["body"] is not None:
        yield from _wrapped(_spaced(request["body"]), "      ", "")


def _how(request: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (_often(request["most"]), request["when"])))


def _after_failures(requests: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """Not each of them: how many there may be, and of what."""
    found: dict[str, int | None] = {}
    for each in requests:
        name = f"{each['method']} {each['path'].partition('?')[0]}"
        more = each["most"] if each["only_after_failure"] else each["tried_again"]
        before = found.get(name, 0)
        found[name] = None if more is None or before is None else before + more
    told = [f"{'any number' if more is None else more} {name}" for name, more in found.items() if more != 0]
    if told:
        yield from _wrapped(f"and if answers fail or lack something: {', '.join(told)}", "    ", "dim")


def _rates(loads: Sequence[Mapping[str, Any]], calls: Mapping[str, Any]) -> Iterator[Line]:
    most = "nobody can tell how many" if calls["most"] is None else f"{calls['most']} at most"
    more = "" if not calls["more_if_answers_fail"] else f", {calls['more_if_answers_fail']} more if answers fail"
    yield ("calls", "bold"), (f"  {most}{more}", "")
    if not loads:
        return
    rows = [("rate limit of", "allowance", "at most", "if failing", "all take at least")]
    for each in loads:
        least = "" if each["least_seconds"] is None else f"{each['least_seconds']:g} s"
        most, more = _number(each["most"]), f"+ {_number(each['more_if_answers_fail'])}"
        rows.append((", ".join(each["operations"]), each["allowance"], most, more, least))
    yield from _table(rows)
    for each in loads:
        if each["unbounded_in"]:
            why = f"{', '.join(each['operations'])}: nobody can tell how many in {', '.join(each['unbounded_in'])}"
            yield from _wrapped(why, "  ", "dim")


def _money(plan: Mapping[str, Any]) -> Iterator[Line]:
    yield (("money at risk", "bold"),)
    staked = [each for each in plan["steps"] if each["money"]]
    rows: list[tuple[str, ...]] = [
        (each["path"], _orders(each["money"]["orders"]), _dollars(each["money"]["exposure"])) for each in staked
    ]
    yield from _table(rows or [("none: no step sends an order",)])
    if not plan["limits"] and not plan["names"]:
        yield from _wrapped("no limits are stated", "  ", "dim")
        return
    yield from _limits(plan, "limit")
    if any(each["name"].startswith("per_day.") for each in plan["limits"]):
        yield from _wrapped("per_day: what other runs of the trade day use is not counted here", "  ", "dim")


def _limits(stated: Mapping[str, Any], head: str) -> Iterator[Line]:
    """Limits that are numbers, then those that allow some names alone; nothing where there are none."""
    columns = ("name", "limit", "used", "left", "stands_at")
    numbers = [tuple(each[column] for column in columns) for each in stated["limits"]]
    names = [(each["name"], ", ".join(each["allowed"]), *_used(each), each["stands_at"]) for each in stated["names"]]
    if numbers or names:
        yield from _table([(head, "at most", "used", "left", "stands at"), *numbers, *names])


def _used(names: Mapping[str, Any]) -> tuple[str, str]:
    """What is used of some names, and what is not allowed of them."""
    used = ", ".join([*names["used"], *(["later"] if names["later"] else [])])
    return used, f"refused: {', '.join(names['refused'])}" if names["refused"] else ""


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (("  " + "  ".join(cells).rstrip(), ""),)


def _wrapped(words: str, indent: str, style: str) -> Iterator[Line]:
    for line in textwrap.wrap(words, _WIDTH - len(indent), break_on_hyphens=False):
        yield ((indent, ""), (line, style))


def _spaced(body: str) -> str:
    """A body with spaces where a line may end; ``--json`` has the bytes as they are."""
    return json.dumps(json.loads(body, parse_float=str), ensure_ascii=False)


def _often(most: int | None) -> str:
    return {None: "any number of times", 1: ""}.get(most, f"{most} times at most")


def _orders(orders: int | None) -> str:
    return "orders: later" if orders is None else counted(orders, "order")


def _dollars(amount: str) -> str:
    """Two digits behind the point, more only where they say something."""
    units, _, fraction = amount.partition(".")
    return amount if amount == "later" else f"${units}.{fraction.ljust(2, '0')}"


def _number(number: int | None) -> str:
    return "no bound" if number is None else str(number)


def _seconds(seconds: float | None) -> str:
    return "a time known later" if seconds is None else f"{seconds:g} s"
