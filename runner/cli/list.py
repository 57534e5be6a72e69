"""``pmx-run list``: the playbooks that come along, what each does and what it costs."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from typing import Any

from runner.cli.bundled import Bundled, all_bundled
from runner.cli.telling import Line, tell
from runner.value import counted

SUMMARY = "List the playbooks that come along: what each does at the exchange, and what it costs in calls."

_VERSION = 1
_WIDTH = 80
_NAME = 26


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """In which form, and which ones."""
    parser.add_argument("--tags", action="append", default=[], metavar="TAGS", help="only those with one of these tags")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--no-color", action="store_true", help="no colours on a terminal")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    wanted = {tag for each in options.tags for tag in each.split(",")}
    chosen = [each for each in all_bundled() if not wanted or wanted & set(each.tags)]
    if options.json:
        print(json.dumps({"version": _VERSION, "playbooks": [*map(_plain, chosen)]}, indent=2, ensure_ascii=False))
    else:
        tell(_overview(chosen), color=not options.no_color)
    return 0


def _overview(chosen: list[Bundled]) -> Iterator[Line]:
    for group in dict.fromkeys(each.tags[0] if each.tags else "" for each in chosen):
        yield ((group, "bold"),)
        for each in chosen:
            if each.tags[:1] == ((group,) if group else ()):
                yield from _told(each)
        yield ()
    yield (("`pmx-run NAME` runs one on a local exchange; `pmx-run copy NAME` makes it yours.", ""),)


def _told(each: Bundled) -> Iterator[Line]:
    told = [(line, "") for line in _wrapped(each.description)]
    told += [(line, "dim") for line in _wrapped(_facts(each))]
    told += [(line, "dim") for line in _wrapped(each.about[-1] if each.about else "")]
    for at, (text, style) in enumerate(told):
        yield (("  ", ""), (f"{'' if at else each.name:<{_NAME}}", "cyan"), (text, style))


def _facts(each: Bundled) -> str:
    acts = ", ".join(each.acts) or "reads only"
    most = f" (at most {each.orders}, ${each.exposure})" if each.orders and each.exposure else ""
    return f"{counted(each.steps, 'step')}, {acts}{most}; {', '.join(each.tags)}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH - _NAME - 2, break_long_words=False, break_on_hyphens=False)


def _plain(each: Bundled) -> dict[str, Any]:
    return {
        "name": each.name,
        "description": each.description,
        "tags": each.tags,
        "about": each.about,
        "steps": each.steps,
        "sends_orders": "sends orders" in each.acts,
        "acts": each.acts,
        "limits": {"orders": each.orders or None, "exposure": each.exposure or None},
        "includes": each.includes,
    }
