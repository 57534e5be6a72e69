"""What is personal in a call, by the marks of the venue's contract: no report, no event and no message may hold it.

Source: docs.polymarket.us, partners/onboarding/kyc; ``x-personal`` in ``schemas/venue/`` marks what it asks of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from runner.redact import MASK, masked_words
from runner.venue.call import Answer, Call
from runner.venue.contract import located
from runner.venue.operations import Operation

if TYPE_CHECKING:
    from runner.redact import Redactor

_MARK = "x-personal"
_TOGETHER = ("anyOf", "oneOf", "allOf")


class Veil:
    """Over one call: what is personal in it is masked wherever it is shown, and known to the redactor from then on.

    Within the call every personal value counts, the shortest, too; elsewhere only what ``learn_name`` takes on.
    """

    def __init__(self, operation: Operation | None, redactor: Redactor, sent: Mapping[str, object]) -> None:
        self._operation = operation if operation is not None and is_personal(operation) else None
        self._redactor = redactor
        self._words: set[str] = set()
        self._sift(sent, "request")

    def call(self, call: Call) -> Call:
        """The call as it may be told."""
        if self._operation is None:
            return call
        request = {**call.request, "body": self._shown(call.request.get("body"), "request")}
        return replace(call, request=request, response=self._shown(call.response, "answer"))

    def request(self, body: object) -> object:
        """The body of the call as it may be told before it is made."""
        return body if self._operation is None else self._shown(body, "request")

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be judged: a refusal may repeat what was sent."""
        if self._operation is None or 200 <= answer.status < 300:
            return answer
        return replace(answer, body=self._shown(answer.body, "answer"))

    def text(self, text: str) -> str:
        """What is said about the call."""
        return masked_words(text, self._words)

    def _shown(self, value: object, side: str) -> object:
        return _without_words(self._sift(value, side), self._words)

    def _sift(self, value: object, side: str) -> object:
        if self._operation is None:
            return value
        found: list[str] = []
        sifted = _sifted(*_schema(self._operation, side), value, found)
        for each in found:
            self._redactor.learn_name(each)
        self._words.update(each for each in found if len(each) > 1)
        return sifted


@cache
def is_personal(operation: Operation) -> bool:
    """Whether the contract marks anything in the operation's request or answer."""
    return bool(operation.family) and any(_marked(*_schema(operation, side), ()) for side in ("request", "answer"))


def _schema(operation: Operation, side: str) -> tuple[Any, str]:
    return located(f"#/$defs/{operation.name}_{side}", operation.family)


def _marked(schema: Any, home: str, seen: tuple[str, ...]) -> bool:
    reference = schema.get("$ref")
    if schema.get(_MARK):
        return True
    if reference is not None and f"{home}{reference}" not in seen:
        inner, its_home = located(reference, home)
        if _marked(inner, its_home, (*seen, f"{home}{reference}")):
            return True
    return any(_marked(part, home, seen) for part in _parts(schema))


def _parts(schema: Any) -> Iterator[Any]:
    """The schemas that stand inside of one."""
    yield from schema.get("properties", {}).values()
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield schema[name]
    for name in _TOGETHER:
        yield from schema.get(name, ())


def _sifted(schema: Any, home: str, value: object, found: list[str]) -> object:
    """``value`` with a mask for all that is marked; what was there is added to ``found``."""
    if schema.get(_MARK):
        return _masked(value, found)
    if "$ref" in schema:
        value = _sifted(*located(schema["$ref"], home), value, found)
    for name in _TOGETHER:
        for each in schema.get(name, ()):
            value = _sifted(each, home, value, found)
    if isinstance(value, Mapping):
        return _sifted_fields(schema, home, value, found)
    if isinstance(value, list | tuple) and "items" in schema:
        return [_sifted(schema["items"], home, item, found) for item in value]
    return value


def _sifted_fields(schema: Any, home: str, value: Mapping[str, object], found: list[str]) -> dict[str, object]:
    parts = {_bare(name): part for name, part in schema.get("properties", {}).items()}
    rest = schema.get("additionalProperties")
    others = rest if isinstance(rest, dict) else {}
    return {name: _sifted(parts.get(_bare(name), others), home, item, found) for name, item in value.items()}


def _bare(name: str) -> str:
    """A field's name in either of the venue's spellings: ``addressLine1`` and ``address_line_1``."""
    return name.replace("_", "").lower()


def _masked(value: object, found: list[str]) -> object:
    match value:
        case None | bool() | "":
            return value
        case Mapping():
            return {name: _masked(item, found) for name, item in value.items()}
        case list() | tuple():
            return [_masked(item, found) for item in value]
        case str() | int() | Decimal():
            # What was masked before is no value: it comes by here again where schemas overlap.
            found += [] if value == MASK else [str(value)]
    return MASK


def _without_words(value: object, words: set[str]) -> object:
    match value:
        case str():
            return masked_words(value, words)
        case Mapping():
            return {name: _without_words(item, words) for name, item in value.items()}
        case list() | tuple():
            return [_without_words(item, words) for item in value]
    return value
