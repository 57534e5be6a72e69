"""``pmx-run actions``: all actions, or one with its arguments, its result and an example to paste."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from math import isfinite
from typing import Any

from runner.action import Action
from runner.actions import BUILTIN
from runner.cli.examples import example_steps
from runner.cli.kinds_in_words import default_as_written, fields_of, kind_in_words
from runner.cli.telling import Line, tell
from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.value import Argument

SUMMARY = "List the actions of the language; with NAME tell all of one: arguments, result, an example to paste."

_VERSION = 1
_WIDTH = 80
_INDENT = ("  ", "")
_NAME, _KIND, _FIELD = 18, 26, 28
_GROUPS = {
    "who we are": ("authenticate", "whoami", "list_users", "list_accounts", "check_health"),
    "instruments and prices": (
        *("list_instruments", "get_instrument", "list_symbols", "get_exchange_metadata"),
        *("get_order_book", "get_best_prices", "get_trade_stats", "get_settlement"),
    ),
    "money and positions": ("check_balance", "list_positions", "get_position_ledger", "get_balance_ledger"),
    "orders": (
        *("preview_order", "place_order", "replace_order", "cancel_order", "cancel_open_orders"),
        *("check_order", "list_open_orders", "search_orders", "search_executions", "search_trades"),
    ),
    "new users": ("start_kyc", "create_user", "check_kyc"),
    "in the playbook itself": ("set", "assert", "log", "wait", "confirm", "run_playbook"),
}
_OTHERS = "everything else"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which action, and in which form."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the action to tell all of")
    parser.add_argument("--json", action="store_true", help="as JSON, with the schemas of arguments and result")
    parser.add_argument("--no-color", action="store_true", help="no colours on a terminal")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for; raises ``WrongInput`` for an action that doesn't exist."""
    chosen = list(BUILTIN.values()) if options.name is None else [_action(options.name)]
    if options.json:
        print(json.dumps({"version": _VERSION, "actions": [*map(_plain, chosen)]}, indent=2, ensure_ascii=False))
    else:
        tell(_overview() if options.name is None else _all_of(chosen[0]), color=not options.no_color)
    return 0


def group_of(name: str) -> str:
    """Under which heading an action stands."""
    return next((group for group, names in _GROUPS.items() if name in names), _OTHERS)


def _action(name: str) -> Action:
    if name in BUILTIN:
        return BUILTIN[name]
    help = nearest(name, BUILTIN) or "`pmx-run actions` lists them all"
    raise WrongInput([Diagnostic(f"there is no action `{name}`", help=help)])


def _overview() -> Iterator[Line]:
    width = max(map(len, BUILTIN)) + 2
    for group in (*_GROUPS, _OTHERS):
        members = [action for action in BUILTIN.values() if group_of(action.name) == group]
        if members:
            yield ((group, "bold"),)
        for action in members:
            mark = "  (changes something)" if action.effect == "changes" else ""
            yield (_INDENT, (action.name.ljust(width), "cyan"), (action.summary, ""), (mark, "dim"))
        if members:
            yield ()
    yield (("`pmx-run actions NAME` tells arguments, result and an example of one.", ""),)


def _all_of(action: Action) -> Iterator[Line]:
    yield ((action.name, "bold cyan"), (f"  {action.summary}", ""))
    does = "changes something" if action.effect == "changes" else "changes nothing"
    most = f"{action.timeout:g} s at most, or" if isfinite(action.timeout) else "no time limit but"
    yield ((f"{does} at the exchange; {most} the step's `timeout`", "dim"),)
    yield ()
    yield (("arguments", "bold"),)
    yield from _arguments(action)
    yield ()
    yield (("result", "bold"),)
    yield from _result(action)
    yield ()
    yield (("example, to paste below `steps:`", "bold"),)
    yield from (((line, ""),) for line in example_steps(action.name, BUILTIN).splitlines())
    if action.source:
        yield ()
        yield (("source  ", "bold"), (action.source, ""))


def _arguments(action: Action) -> Iterator[Line]:
    if action.free:
        yield _INDENT, ("any names, with any values", "")
    elif not action.arguments:
        yield _INDENT, ("none", "")
    for name, argument in action.arguments.items():
        kind = "expressions" if name in action.expressions else kind_in_words(argument.kind.schema)
        yield from _columns(name, kind + (", required" if argument.required else ""), _told(argument))


def _told(argument: Argument) -> str:
    default = default_as_written(argument)
    if default is None:
        return argument.help
    return f"{argument.help} (default: {default if isinstance(default, str) else json.dumps(default)})"


def _columns(name: str, kind: str, told: str) -> Iterator[Line]:
    """Three columns; what is too long for its own goes on below."""
    kinds = _wrapped(kind, _KIND - 2)
    helps = _wrapped(told, _WIDTH - len(_INDENT[0]) - _NAME - _KIND)
    for first, second, third in zip_longest([name], kinds, helps, fillvalue=""):
        yield (_INDENT, (first.ljust(_NAME), "cyan"), (second.ljust(_KIND), "dim"), (third, ""))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _result(action: Action) -> Iterator[Line]:
    fields = list(fields_of(action.result))
    if action.free:
        yield _INDENT, ("the same names", "")
    elif not fields:
        yield _INDENT, ("nothing", "")
    for depth, name, schema in fields:
        kind = "" if any(fields_of(schema)) else schema.get("description", kind_in_words(schema))
        shown = f"{'  ' * depth}{name}"
        for first, second in zip_longest([shown], _wrapped(kind, _WIDTH - _FIELD - 3), fillvalue=""):
            yield (_INDENT, (f"{first:<{_FIELD}} ", "cyan"), (second, "dim"))


def _plain(action: Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "group": group_of(action.name),
        "summary": action.summary,
        "effect": action.effect,
        "timeout_seconds": action.timeout if isfinite(action.timeout) else None,
        "arguments": [
            {
                "name": name,
                "required": argument.required,
                "default": default_as_written(argument),
                "help": argument.help,
                "schema": argument.kind.schema,
            }
            for name, argument in action.arguments.items()
        ],
        "any_argument": action.free,
        "result": action.result,
        "example": example_steps(action.name, BUILTIN),
        "source": action.source,
    }
