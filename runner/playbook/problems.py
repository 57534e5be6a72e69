"""What a JSON Schema refuses, as complaints in our words with the place of the key or value.

::

    error: unknown key `acton`
     --> playbooks/place.yaml:5:5
      |
    5 |     acton: place_order
      |     ^^^^^ not a key of a step
      |
      = help: did you mean `action`?

A schema's ``title``, where it begins with an article ("a duration such as `15s`"), is what a message calls the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.diagnostic import nearest
from runner.playbook.nodes import ListNode, MapNode, ScalarNode
from runner.value import DECIMAL_TEXT, DURATION_TEXT

if TYPE_CHECKING:
    from typing import TypeAlias

    from runner.playbook.complaints import Complaints
    from runner.playbook.nodes import Node
    from runner.source import Span

    Explain: TypeAlias = Callable[[Any, str, Any], tuple[str, str, str]]
    Found: TypeAlias = "tuple[Span, str, str, str]"

_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "empty",
}
_PATTERNS = {DURATION_TEXT: "a duration such as `15s`, `2m`, `1h30m` or `500ms`", DECIMAL_TEXT: "a number"}
_TEMPLATE_TITLE = "a text with {{ }}"
_UNQUOTED = ("integer", "number", "boolean")
_MOST_WORDS = 8


def complain(name: str, node: Node, complaints: Complaints, owner: str = "") -> None:
    """Check ``node`` against a schema file (see ``schemas.validator``) and add what it refuses to ``complaints``.

    ``owner`` is whose arguments the node holds, if it holds an action's arguments.
    """
    from runner.playbook.schemas import validator

    mistyped: set[tuple[str | int, ...]] = set()
    for leaf in (leaf for error in validator(name).iter_errors(node.plain()) for leaf in _leaves(error)):
        path = tuple(leaf.absolute_path)
        if path in mistyped:
            continue
        if leaf.validator == "type":
            mistyped.add(path)
        for found in _explained(leaf, node, owner):
            complaints.add(*found)
            if complaints.full:
                return


def _leaves(error: Any) -> Iterator[Any]:
    """The errors that say something: of alternatives, those of the one that was meant."""
    if error.validator not in ("anyOf", "oneOf"):
        yield error
        return
    branches = _branches(error)
    meant = next((branch for branch in branches if not any(_of_wrong_type(each) for each in branch)), None)
    if meant is None and len(branches) == 1:
        meant = branches[0]
    if meant is None:
        yield error
        return
    for each in meant:
        yield from _leaves(each)


def _branches(error: Any) -> list[list[Any]]:
    """The errors of each alternative; "or a template" is none, since a template would have been accepted."""
    grouped: dict[int, list[Any]] = {}
    for each in error.context:
        grouped.setdefault(each.relative_schema_path[0], []).append(each)
    literal = [
        errors for index, errors in grouped.items() if error.validator_value[index].get("title") != _TEMPLATE_TITLE
    ]
    return literal or list(grouped.values())


def _of_wrong_type(error: Any) -> bool:
    return error.validator == "type" and not error.relative_path


def _explained(error: Any, root: Node, owner: str) -> Iterable[Found]:
    node = _at(root, error.absolute_path)
    if "propertyNames" in error.relative_schema_path:
        return [_wrong_name(error, node)]
    if error.validator == "additionalProperties":
        return _unknown_keys(error, node, owner if node is root else "")
    if error.validator == "dependentRequired":
        return _lone_keys(error, node)
    if error.validator == "required":
        return _missing_keys(error, node, owner if node is root else "")
    explain: Explain = _EXPLANATIONS.get(error.validator, _anything_else)
    title, label, help = explain(error, _name(error), node)
    return [(node.first if isinstance(node, MapNode) else node.span, title, label, help)]


def _at(node: Node, path: Iterable[str | int]) -> Node:
    for part in path:
        if isinstance(node, MapNode) and isinstance(part, str):
            node = node.get(part) or node
        elif isinstance(node, ListNode) and isinstance(part, int):
            node = node.items[part]
    return node


def _name(error: Any) -> str:
    """What the value is called: its key, or the list it stands in."""
    path = list(error.absolute_path)
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return "this" if path else ""
    return f"`{keys[-1]}`" if path[-1] == keys[-1] else f"an item of `{keys[-1]}`"


def _unknown_keys(error: Any, node: Node, owner: str) -> Iterator[Found]:
    known = error.schema.get("properties", {})
    if not isinstance(node, MapNode):
        return
    whole = f"an argument of `{owner}`" if owner else f"a key of {_called(error.schema)}"
    for entry in node.entries:
        if entry.key not in known:
            kind = "argument" if owner else "key"
            help = nearest(entry.key, known) or _listed("it has", known)
            yield entry.key_span, f"unknown {kind} `{entry.key}`", f"not {whole}", help


def _missing_keys(error: Any, node: Node, owner: str) -> Iterator[Found]:
    if not isinstance(node, MapNode):
        return
    kind = "argument" if owner else "key"
    needs = f"`{owner}`" if owner else _called(error.schema)
    known = error.schema.get("properties", {})
    misspelt = {nearest(entry.key, known) for entry in node.entries if entry.key not in known}
    for name in error.validator_value:
        if node.get(name) is None and nearest(name, [name]) not in misspelt:
            help = _argument_help(name, known.get(name, {}), owner) if owner else ""
            yield node.first, f"missing {kind} `{name}`", f"{needs} needs it", help


def _argument_help(name: str, schema: Any, owner: str) -> str:
    """What an argument means, its kind, and how one is written, as far as its schema tells."""
    meaning = str(schema.get("description", ""))
    if meaning[1:2].islower():
        meaning = meaning[0].lower() + meaning[1:]
    kinds = [_TYPES[each["type"]] for each in schema.get("anyOf", ()) if _is_plain_kind(each)]
    examples = [f"as in `{name}: {_as_yaml(each)}`" for each in schema.get("examples", ())[:1]]
    told = "; ".join(filter(None, (meaning, ", ".join((*kinds, *examples)))))
    return f"{told} (see `pmx-run actions {owner}`)"


def _is_plain_kind(schema: Any) -> bool:
    """Whether its type says all that can be said of it in a word; a pattern is told by a description."""
    return schema.get("title") != _TEMPLATE_TITLE and schema.get("type") in _TYPES and "pattern" not in schema


def _as_yaml(value: Any) -> str:
    """A value as a playbook may say it: a word as it is, else as JSON, which is YAML too."""
    if isinstance(value, str) and re.fullmatch(r"\d*[A-Za-z][\w.-]*", value, re.ASCII):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _lone_keys(error: Any, node: Node) -> Iterator[Found]:
    """Keys that mean nothing without another one that isn't there."""
    if not isinstance(node, MapNode):
        return
    for entry in node.entries:
        for name in error.validator_value.get(entry.key, ()):
            if node.get(name) is None:
                yield (
                    entry.key_span,
                    f"`{entry.key}` without `{name}`",
                    f"it has a meaning beside `{name}` only",
                    "",
                )


def _wrong_name(error: Any, node: Node) -> Found:
    entries = node.entries if isinstance(node, MapNode) else ()
    span = next((entry.key_span for entry in entries if entry.key == error.instance), node.span)
    return span, f"`{error.instance}` can't be a name here", f"{_noun(error.schema)} is wanted", ""


def _wrong_type(error: Any, name: str, node: Node) -> tuple[str, str, str]:
    nouns = {_noun(each.schema): None for each in error.context if _of_wrong_type(each)} or {_noun(error.schema): None}
    wanted = " or ".join(nouns)
    title = f"{name} must be {wanted}" if name else f"{wanted} is wanted here"
    return title, _written(node), _type_help(error, node)


def _type_help(error: Any, node: Node) -> str:
    schemas = [error.schema, *(each.schema for each in error.context)]
    if not isinstance(node, ScalarNode) or node.value is None:
        return ""
    if isinstance(node.value, int) and any(schema.get("pattern") == DURATION_TEXT for schema in schemas):
        return f"write its unit: `{node.value}s`"
    if any(schema.get("type") == "array" for schema in schemas):
        return ""
    if any(schema.get("type") == "string" and "pattern" not in schema for schema in schemas):
        return "" if isinstance(node.value, str) else "put quotes around it"
    if node.quoted and "{{" not in str(node.value) and any(schema.get("type") in _UNQUOTED for schema in schemas):
        return "remove the quotes"
    return ""


def _called(schema: Any) -> str:
    """What a mapping is called in a label: ``a step``, or by its key."""
    title = str(schema.get("title", "this mapping"))
    return title if title.startswith(("a ", "an ", "this ")) else f"`{title}`"


def _noun(schema: Any) -> str:
    title = str(schema.get("title", ""))
    if title.startswith(("a ", "an ")):
        return title
    pattern = str(schema.get("pattern", ""))
    if pattern in _PATTERNS:
        return _PATTERNS[pattern]
    kinds = schema.get("type", ())
    return (
        " or ".join(_TYPES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
        or "something else"
    )


def _written(node: Node) -> str:
    """What stands there, for a label."""
    match node:
        case MapNode():
            return "this is a mapping"
        case ListNode():
            return "this is a list"
        case ScalarNode(value=None):
            return "nothing is written here"
        case ScalarNode(value=bool() as value):
            return f"this is {str(value).lower()}"
        case ScalarNode(value=str()):
            return "this is a text"
        case ScalarNode(value=Decimal()):
            return "this is a number with a fraction"
    return "this is a number"


def _not_listed(error: Any, name: str, node: Node) -> tuple[str, str, str]:
    words = [str(each) for each in error.validator_value]
    help = nearest(str(error.instance), words) or _listed("it is", words, " or ")
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return f"{name} can't be `{node.value}`", "", help
    return f"{name} must be one of its words", _written(node), help


def _listed(lead: str, words: Iterable[str], last: str = ", ") -> str:
    shown = [f"`{word}`" for word in islice(words, _MOST_WORDS + 1)]
    if not shown:
        return ""
    if len(shown) > _MOST_WORDS:
        return f"{lead} {', '.join(shown[:_MOST_WORDS])}, …"
    head = ", ".join(shown[:-1])
    return f"{lead} {head}{last}{shown[-1]}" if head else f"{lead} {shown[-1]}"


def _not_equal(error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    return f"{name} must be {error.validator_value}", "", ""


def _not_matching(error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    noun = _noun(error.schema)
    if noun == _TYPES["string"]:
        noun = f"a text that matches {error.validator_value}"
    return f"{name} must be {noun}", "", ""


def _out_of_bounds(error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    bound = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
    }
    return f"{name} must be {bound[error.validator]} {error.validator_value}", "", ""


def _too_short(error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    least = error.validator_value
    return f"{name} must not be empty" if least == 1 else f"{name} must have at least {least}", "", ""


def _too_long(error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    unit = "characters" if error.validator == "maxLength" else "items"
    return f"{name} must have at most {error.validator_value} {unit}", "", ""


def _twice(_error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    return f"{name} has the same item twice", "", ""


def _anything_else(error: Any, name: str, _node: Node) -> tuple[str, str, str]:
    return f"{name} is not what the schema allows", f"refused by its `{error.validator}`", ""


_EXPLANATIONS: dict[str, Explain] = {
    "type": _wrong_type,
    "anyOf": _wrong_type,
    "oneOf": _wrong_type,
    "enum": _not_listed,
    "const": _not_equal,
    "pattern": _not_matching,
    "minimum": _out_of_bounds,
    "maximum": _out_of_bounds,
    "exclusiveMinimum": _out_of_bounds,
    "exclusiveMaximum": _out_of_bounds,
    "minLength": _too_short,
    "minItems": _too_short,
    "minProperties": _too_short,
    "maxLength": _too_long,
    "maxItems": _too_long,
    "maxProperties": _too_long,
    "uniqueItems": _twice,
}
