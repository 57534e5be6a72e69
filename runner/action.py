"""The contract between the engine and an action: what it takes, what it gives, and what it may do.

An action is a value, not a class to derive from: a name, a declaration of arguments, a JSON Schema of its result, and
``perform``. It acts only through the ``Context`` that the engine hands to it, which is where limits, intents, recording
and time come from; so an action cannot forget them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from runner.frozen import frozen
from runner.record.events import Verdict
from runner.value import Argument, Schema

if TYPE_CHECKING:
    from datetime import datetime

    from runner.clock import Clock, Deadline
    from runner.errors import PmxError
    from runner.foreseen import Foreseen, Outlook
    from runner.venue.catalogue import Catalogue
    from runner.venue.desk import Desk
    from runner.venue.model import Order
    from runner.venue.pins import PinGuard

T = TypeVar("T")
Effect = Literal["reads", "changes"]
Arguments: TypeAlias = Mapping[str, Any]


@frozen
class Observation:
    """What an action brought back. ``learned`` is a short text for the step's line, empty for nothing.

    ``failure`` fails the step although there is a result to check and capture from: an order was rejected.
    """

    result: Mapping[str, Any]
    learned: str = ""
    failure: PmxError | None = None


@frozen
class Complaint:
    """What is wrong with one argument, and what to do."""

    argument: str
    message: str
    help: str = ""


@frozen
class OrderTerms:
    """What is known of an order from a playbook's text and inputs alone; None where it is not.

    A replace is not one more order, and what it adds to what is at risk is known only when its order is read.
    """

    symbol: str | None
    quantity: Decimal | None
    exposure: Decimal | None
    is_replace: bool = False


@frozen
class Replaced:
    """The order whose terms a replace changes, by the venue's id and by the client order id that it has now.

    ``added``: the dollars that it can lose more than before.
    """

    order_id: str
    clord_id: str
    added: Decimal


@frozen
class OrderIntent:
    """An order about to be sent: the exact wire body, and what it means in dollars and contracts.

    With ``replaces`` it is an order's new terms: price, quantity and exposure are those of the whole order then.
    """

    symbol: str
    side: str
    price: Decimal | None
    quantity: Decimal | None
    exposure: Decimal
    account: str
    body: Mapping[str, Any]
    replaces: Replaced | None = None

    @property
    def added(self) -> Decimal:
        """The dollars that it puts at risk, beyond what is at risk already."""
        return self.replaces.added if self.replaces else self.exposure


class Context(Protocol):
    """What the engine gives to an action that is being performed."""

    @property
    def clock(self) -> Clock:
        """Time; an action never asks the system for it."""
        ...

    @property
    def deadline(self) -> Deadline:
        """By when the step has to be done."""
        ...

    @property
    def desk(self) -> Desk:
        """The venue, acting for this step's participant. Signs in when the first call is made."""
        ...

    @property
    def account(self) -> str:
        """The settings' account, empty if none is set."""
        ...

    @property
    def reconcile_window(self) -> float:
        """For how many seconds an order in doubt is looked for."""
        ...

    @property
    def is_cleanup(self) -> bool:
        """Whether this undoes an earlier step."""
        ...

    @property
    def expects_status(self) -> bool:
        """Whether an expectation of the step names ``call.status``, so that a refusal is for it to judge."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """Reference data seen lately."""
        ...

    @property
    def accounts(self) -> dict[str, str]:
        """The only account of each participant that was asked for one in this run."""
        ...

    @property
    def pins(self) -> PinGuard:
        """Who may be acted as; told by whoever sees who we are."""
        ...

    @property
    def allow_hosts(self) -> tuple[str, ...]:
        """Hosts besides the venue's that ``http`` may call."""
        ...

    def step(self, leaf: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """Do a part of the work once: after a crash its recorded result is given, plain data without a secret.

        With ``settle`` it may change something: recorded before and after, and where the process died in between
        ``settle`` is asked, never ``act`` again. Without, it is done again. Reads need none of this.
        """
        ...

    def begun(self, leaf: str) -> bool:
        """Whether a ``step`` with ``settle`` was begun, by whichever process."""
        ...

    def wait(self, seconds: float, reason: str) -> None:
        """Let time pass; raises ``Interrupted`` if the run is to stop, unless this is a cleanup."""
        ...

    def sleep_until(self, at: datetime, reason: str) -> None:
        """As ``wait``, until a moment."""
        ...

    def looked_up(self, look: Callable[[], T]) -> T:
        """What ``look`` reads before anything is sent; tried again as a step that only reads would be."""
        ...

    def reconciling(self) -> Context:
        """The same, but going on past the step's time limit and through an interruption."""
        ...

    def reading_back(self) -> Context:
        """The same, not using up the limit on requests: a limit never leaves an order behind."""
        ...

    def note(self, text: str) -> None:
        """Something a person should know."""
        ...

    def intend(self, leaf: str, intent: Callable[[str], OrderIntent]) -> tuple[str, OrderIntent]:
        """Check every limit, record that the order is about to leave, and give its client order id with it.

        ``leaf`` is the ``step`` that will send it. ``intent`` is handed the id and builds the order with it; it is not
        called for one that was recorded already. Raises ``GuardRefused``; nothing was sent then.
        """
        ...

    def order_id_now(self, order_id: str) -> str:
        """The id that the venue has for an order by now, if a replace in this run gave it another one."""
        ...

    def replaced(self, clord_id: str) -> None:
        """A replace was carried out."""
        ...

    def confirm(self, message: str) -> str:
        """Ask a person, once: who agreed. Raises ``GuardRefused`` if nobody does in time, or nobody can be asked."""
        ...

    def include(self) -> Observation:
        """Perform the playbook that this step includes, within the same run."""
        ...

    def seen(self, order: Order) -> None:
        """The venue told the state of an order."""
        ...

    def lost(self, clord_id: str, verdict: Verdict) -> None:
        """What became of an intended order that has no state at the venue, or of a replace not carried out."""
        ...


@frozen
class Action:
    """One action of the language.

    ``effect`` is ``changes`` for whatever may alter something at the venue; it is never blindly repeated unless
    ``repeatable``. ``free`` actions take arguments of any name. ``expressions`` are the arguments that hold expressions
    instead of values: the engine evaluates them as expectations of the step. ``terms`` tells, for an action that sends
    an order, what its arguments alone say of it; ``review`` finds what is wrong with the arguments that are known
    before a run and no schema can tell; ``about_nobody`` whether those are for certain of a person who was invented,
    so that personal arguments may stand in a playbook's text. ``tried_again`` is whether a read is repeated without the
    playbook asking for it. ``includes`` marks the action that performs another playbook, for which its arguments are:
    they are read when it begins, and not handed to ``perform``. ``timeout`` is in seconds, infinite for no limit.
    ``source`` names the public page its facts are from. ``foresee`` tells the calls that it may make, in their
    sequence, from arguments that may be yet to come; it sends nothing. ``lasts`` tells from the same arguments how many
    seconds it lets pass on purpose.
    """

    name: str
    summary: str
    effect: Effect
    arguments: Mapping[str, Argument]
    result: Schema
    perform: Callable[[Arguments, Context], Observation]
    example: str
    source: str = ""
    free: bool = False
    repeatable: bool = False
    tried_again: bool = True
    includes: bool = False
    timeout: float = 60.0
    expressions: frozenset[str] = frozenset()
    terms: Callable[[Mapping[str, object]], OrderTerms] | None = None
    review: Callable[[Mapping[str, object]], Complaint | None] | None = None
    about_nobody: Callable[[Mapping[str, object]], bool] | None = None
    foresee: Callable[[Arguments, Outlook], Iterable[Foreseen]] = lambda _arguments, _outlook: ()
    lasts: Callable[[Arguments], float] = lambda _arguments: 0.0

    @property
    def arguments_schema(self) -> Schema:
        """The JSON Schema of ``with``, where any value may also be a template."""
        required = [name for name, argument in self.arguments.items() if argument.required]
        schema: Schema = {
            "type": "object",
            "properties": {name: self._argument_schema(name) for name in self.arguments},
            "additionalProperties": self.free,
        }
        return schema | ({"required": required} if required else {})

    def _argument_schema(self, name: str) -> Schema:
        argument = self.arguments[name]
        template = {"$ref": "../playbook.schema.json#/$defs/template"}
        kind = _templated(argument.kind.schema, template)
        return {"description": argument.help} | (kind if name in self.expressions else {"anyOf": [kind, template]})


def _templated(schema: Schema, template: Schema) -> Schema:
    """A list may hold templates in place of its items."""
    if "items" not in schema:
        return schema
    return schema | {"items": {"anyOf": [schema["items"], template]}}
