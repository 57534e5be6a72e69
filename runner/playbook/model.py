"""A playbook as it was written, frozen, with the place of everything a later message may have to point at.

What has a default is filled in here (``defaults`` of the playbook included), so nobody asks again whether a key was
given. None is left only where the built-in default depends on the action or on the settings: a step's ``timeout`` and
``retry``, its ``participant``.

Texts that may hold ``{{ }}`` are ``Text``, expressions without braces are ``Code``; both know the column of each of
their characters.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from runner.frozen import frozen
from runner.playbook.nodes import place
from runner.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from runner.expression import Expression, Template
    from runner.playbook.nodes import Start

ITEM = "item"
RUN_PLAYBOOK = "run_playbook"
CONFIRM = "confirm"

Value: TypeAlias = "Text | Scalar | ListValue | MapValue"
Time: TypeAlias = "Duration | Text"
OnFailure = Literal["stop", "continue"]
Severity = Literal["required", "advisory"]
InputType = Literal["string", "integer", "decimal", "boolean", "list", "object"]
RetryOn = Literal["unreachable", "rate_limited", "server_error", "failed_check"]


@frozen
class Text:
    """A text value; ``written`` is a Template if it holds ``{{ }}``.

    ``start`` is the column of its first character; where escapes stand between, the column of each character; None
    where it goes over several lines.
    """

    written: str | Template
    span: Span
    start: Start

    def place(self, offset: int, length: int) -> Span:
        """The place of ``length`` characters from ``offset`` on, or the whole text's."""
        return place(self.span, self.start, offset, length)


@frozen
class Scalar:
    """A value of YAML that is not a text."""

    value: int | Decimal | bool | None
    span: Span


@frozen
class ListValue:
    """A list of values."""

    items: tuple[Value, ...]
    span: Span


@frozen
class Entry:
    """One key of a mapping with its value."""

    key: str
    key_span: Span
    value: Value


@frozen
class MapValue:
    """A mapping, in the sequence it was written in; no key comes twice."""

    entries: tuple[Entry, ...]
    span: Span

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def get(self, key: str) -> Entry | None:
        """The entry of ``key``, None if there is none."""
        return next((entry for entry in self.entries if entry.key == key), None)


@frozen
class Code:
    """An expression; ``start`` as in ``Text``."""

    expression: Expression
    span: Span
    start: Start

    def place(self, offset: int, length: int) -> Span:
        """The place of ``length`` characters from ``offset`` on, or the whole expression's."""
        return place(self.span, self.start, offset, length)


@frozen
class Duration:
    """A length of time that was written out (``1h30m``)."""

    milliseconds: int
    span: Span


@frozen
class Named:
    """A capture or an output: a name and the expression that makes its value."""

    name: str
    name_span: Span
    code: Code


@frozen
class Input:
    """A value that the caller hands in; without a default it is required.

    ``default`` and ``enum`` are plain data of the input's type: a ``decimal`` is a Decimal even if it was written as
    an integer or as text.
    """

    name: str
    name_span: Span
    type: InputType
    span: Span
    description: str = ""
    has_default: bool = False
    default: object = None
    enum: tuple[object, ...] = ()
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None
    pattern: str | None = None
    secret: bool = False


@frozen
class Limit:
    """A bound that a run may not cross."""

    value: int | Decimal
    span: Span


@frozen
class NameLimit:
    """The names (shell patterns for symbols) that a run may use."""

    names: tuple[str, ...]
    span: Span


@frozen
class DayLimits:
    """What all runs of the venue's trade day, of the same firm and environment, may do together at most.

    ``orders`` is a count, ``exposure`` in dollars; None is "no limit stated".
    """

    orders: Limit | None = None
    exposure: Limit | None = None


@frozen
class Limits:
    """What a run may do at most; None is "no limit stated".

    ``exposure`` and ``order_exposure`` in dollars, ``order_quantity`` in contracts, ``orders`` and ``requests`` counts.
    """

    orders: Limit | None = None
    exposure: Limit | None = None
    order_exposure: Limit | None = None
    order_quantity: Limit | None = None
    requests: Limit | None = None
    per_day: DayLimits = field(default_factory=DayLimits)
    symbols: NameLimit | None = None
    environments: NameLimit | None = None


@frozen
class Retry:
    """When and how often to try again; ``attempts`` counts the first, ``backoff`` is the first wait."""

    attempts: int
    backoff: Time
    on: tuple[RetryOn, ...]
    span: Span


@frozen
class Repeat:
    """Polling: perform again every ``every`` until ``until`` holds, for at most ``within``."""

    until: Code
    every: Time
    within: Time
    span: Span


@frozen
class Loop:
    """A step performed once for each item of a list, at most ``concurrency`` items at once.

    ``items`` is the expression that gives the list, or the list as it was written, whose values may hold templates.
    ``name`` is what expressions of the step call the item. ``span`` is the place of ``for_each``.
    """

    items: Code | ListValue
    name: str
    concurrency: int
    span: Span


@frozen
class Defaults:
    """What steps take where they say nothing themselves; already filled into them."""

    timeout: Time | None = None
    retry: Retry | None = None
    on_failure: OnFailure = "stop"
    severity: Severity = "required"


@frozen
class Expectation:
    """A condition on a step's result."""

    check: Code
    title: Text | None
    help: Text | None
    severity: Severity
    span: Span


@frozen
class CleanupStep:
    """What undoes a step; it has no id and acts for the step's participant."""

    action: str
    action_span: Span
    arguments: MapValue
    title: Text | None
    when: Code | bool
    timeout: Time | None
    retry: Retry | None
    span: Span


@frozen
class Step:
    """One step. ``span`` is its first key's place; ``arguments`` is empty where ``with`` is missing.

    ``tags`` are its own and those of the playbook.

    ``loop`` None: performed once. ``timeout`` None: the action's own. ``retry`` None: the built-in one of its action.
    ``participant`` None: the settings'.
    """

    id: str
    id_span: Span
    action: str
    action_span: Span
    arguments: MapValue
    title: Text | None
    help: Text | None
    participant: Text | None
    when: Code | bool
    loop: Loop | None
    repeat: Repeat | None
    timeout: Time | None
    retry: Retry | None
    expect: tuple[Expectation, ...]
    capture: tuple[Named, ...]
    cleanup: tuple[CleanupStep, ...]
    on_failure: OnFailure
    severity: Severity
    tags: tuple[str, ...]
    span: Span


@frozen
class Playbook:
    """A whole playbook; ``finally_`` is its ``finally``.

    ``included`` are the playbooks that its ``run_playbook`` steps name, by the path as written there.
    """

    source: Source
    version: int
    name: str
    description: str
    tags: tuple[str, ...]
    inputs: tuple[Input, ...]
    limits: Limits
    defaults: Defaults
    allow_hosts: tuple[str, ...]
    steps: tuple[Step, ...]
    finally_: tuple[Step, ...]
    outputs: tuple[Named, ...]
    included: Mapping[str, Playbook] = field(default_factory=dict)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps, then those of ``finally``; not those of included playbooks."""
        return (*self.steps, *self.finally_)
