"""Arguments against their schemas: what a template comes to, where another kind of value is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from runner.action import Action
from runner.plan.types.findings import at, maybe_null, right_word
from runner.plan.types.follower import Follower, expression_of
from runner.plan.types.model import (
    ABSENT,
    LIST,
    MAPPING,
    MISSING,
    NULL,
    NUMBER,
    SECRET,
    TEXT,
    TIME,
    UNKNOWN,
    Type,
    described,
    either,
    list_of,
    plural,
    record,
)
from runner.plan.types.schemas import of_input, of_schema, of_value
from runner.plan.types.spelling import never_number
from runner.playbook.model import Entry, Input, ListValue, MapValue, Scalar, Text, Value
from runner.value import DECIMAL, DURATION, Argument, WrongValue

_SEEN = {
    ("http", "path"): "a URL",
    ("http", "url"): "a URL",
    ("http", "query"): "a URL",
    ("log", "message"): "a log line",
    ("confirm", "message"): "a question",
}
_INSTEAD = "others read that; a secret goes into `headers` or the `body` of `http`"


def follow_arguments(follower: Follower, action: Action, arguments: MapValue) -> Type:
    """The type of an action's arguments together; complains of each that the action can't take."""
    types: dict[str, Type] = {}
    for entry in arguments:
        if entry.key in action.expressions:
            continue
        argument = action.arguments.get(entry.key)
        wanted = UNKNOWN if argument is None else _wanted(argument)
        seen = _SEEN.get((action.name, entry.key), "")
        required = argument is not None and argument.required
        types[entry.key] = _Slot(follower, entry.key, seen, required, argument).value(entry.value, wanted)
    return record(types, f"the arguments of `{action.name}`")


def follow_handed(follower: Follower, values: Mapping[str, Entry], inputs: Iterable[Input]) -> None:
    """Complain of each value that an included playbook's input can't take; secrets are told elsewhere."""
    for each in inputs:
        entry = values.get(each.name)
        if entry is not None and not each.secret:
            wanted = of_schema(DECIMAL.schema) if each.type == "decimal" else of_input(each)
            _Slot(follower, each.name, "", not each.has_default).value(entry.value, wanted)


def follow_value(follower: Follower, name: str, value: Value, wanted: Type = UNKNOWN) -> Type:
    """The type of a value of a step; complains if it isn't what is wanted. ``name`` is that of its key."""
    return _Slot(follower, name, "", True).value(value, wanted)


class _Slot:
    """One argument, and what may be put there.

    ``seen`` says what others see of it, empty for nothing; a ``required`` one can't be null. ``argument`` is None for
    what no action takes as a whole.
    """

    def __init__(
        self, follower: Follower, name: str, seen: str, required: bool, argument: Argument | None = None
    ) -> None:
        self._follower = follower
        self._name = name
        self._seen = seen
        self._required = required
        self._argument = argument

    def value(self, value: Value, wanted: Type) -> Type:
        """The type of what was written; complains if it isn't what is wanted."""
        match value:
            case Scalar():
                return of_value(value.value)
            case ListValue():
                inner = _Slot(self._follower, self._name, self._seen, self._required)
                items = [inner.value(each, wanted.item if wanted.kinds & LIST else UNKNOWN) for each in value.items]
                return list_of(reduce(either, items) if items else None)
            case MapValue():
                return record({entry.key: self.value(entry.value, UNKNOWN) for entry in value})
        found = self._follower.text(value)
        if isinstance(value.written, str) or not found.known:
            return found
        if not (self._seen and self._follower.reveals(value, found, self._seen, _INSTEAD)):
            self._fit(value, found, wanted)
        return found

    def _fit(self, text: Text, found: Type, wanted: Type) -> None:
        if not wanted.known or not found.known:
            return
        if found.kinds & SECRET and self._argument is not None and self._argument.personal:
            return  # what tells who somebody is comes from secrets
        if found.kinds & SECRET:
            self._complain(text, f"`{self._name}` takes no secret", "", _INSTEAD)
        elif not found.kinds & wanted.kinds:
            if found.kinds & ~MISSING or self._required:
                self._other_kind(text, found, wanted)
        elif found.kinds & NULL and self._required:
            self._null(text, found, wanted)
        elif not found.kinds & ~(TEXT | MISSING):
            self._other_text(text, found, wanted)
        elif found.kinds & LIST and found.items is not None and wanted.kinds & LIST:
            self._other_items(text, found.item, wanted.item)

    def _other_kind(self, text: Text, found: Type, wanted: Type) -> None:
        kinds = found.without(MISSING) if found.kinds & ~MISSING else found
        label = f"this is {found.explained()}"
        self._complain(text, f"`{self._name}` can't be {kinds.described()}", label, _towards(found, wanted))

    def _null(self, text: Text, found: Type, wanted: Type) -> None:
        expression = expression_of(text)
        source = f"`{expression.source(expression.tree)}`"
        takes = f"`{self._name}` takes {described(wanted.kinds & ~MISSING)}"
        self._follower.complain(text, maybe_null(expression.tree, source, found, takes))

    def _other_text(self, text: Text, found: Type, wanted: Type) -> None:
        """A text that is none of the words that are wanted, or no number where one is."""
        if wanted.words is not None and found.words is not None and not wanted.words & found.words:
            word = min(found.words, key=lambda each: (not each, each))
            title = f"`{self._name}` can't be " + (f'"{word}"' if len(found.words) == 1 else "this text")
            self._complain(text, title, f"this is {found.explained()}", right_word(word, wanted.words))
        elif wanted.kinds & NUMBER and never_number(found):
            title, label = f"`{self._name}` can't be this text", f"this is {found.explained()}"
            self._complain(text, title, label, "it takes a number")
        elif found.words is not None and (refusal := self._refusal(found.words)):
            self._complain(text, f"`{self._name}` can't be this text", f"this is {found.explained()}", refusal)

    def _refusal(self, words: Iterable[str]) -> str:
        """Why the argument takes none of these texts; empty if it takes one of them."""
        refusal = ""
        for word in words if self._argument is not None else ():
            try:
                self._argument.kind.read(word)  # type: ignore[union-attr]
            except WrongValue as wrong:
                refusal = str(wrong)
            else:
                return ""
        return refusal

    def _other_items(self, text: Text, item: Type, wanted: Type) -> None:
        if item.known and wanted.known and not item.kinds & wanted.kinds:
            title = f"`{self._name}` can't be a list of {plural(item.kinds & ~MISSING)}"
            help = 'take one field of each: `… | map(attribute="…")`' if item.kinds & MAPPING else ""
            self._complain(text, title, f"each is {item.explained()}", help or f"an item is {wanted.described()}")

    def _complain(self, text: Text, title: str, label: str, help: str) -> None:
        self._follower.complain(text, at(expression_of(text).tree, title, label, help))


def _towards(found: Type, wanted: Type) -> str:
    if wanted is LENGTH:
        return 'it takes a text such as "15s": write "{{ … }}s"'
    takes = f"it takes {described(wanted.kinds & ~(NULL | ABSENT))}"
    if found.kinds & MAPPING and found.fields:
        return f"{takes}; this has: {', '.join(list(found.fields)[:8])}"
    if found.kinds & LIST and not wanted.kinds & LIST:
        return f"{takes}; take one item, as in `x[0]`, or go through all with `for_each`"
    if wanted.kinds & LIST:
        return f"{takes}: write `[x]` around it"
    if wanted.kinds & TEXT and not found.kinds & (LIST | MAPPING | NULL):
        return f"{takes}: write `{{{{ … | string }}}}`"
    return takes


LENGTH = Type(TEXT)
"""What a length of time is given as."""

_WANTED: dict[int, tuple[Argument, Type]] = {}


def _wanted(argument: Argument) -> Type:
    """What an argument takes; made once for each. A time may be given as its text."""
    known = _WANTED.get(id(argument))
    if known is None:
        found = LENGTH if argument.kind is DURATION else of_schema(argument.kind.schema)
        known = _WANTED[id(argument)] = argument, Type(found.kinds | TEXT) if found.kinds & TIME else found
    return known[1]
