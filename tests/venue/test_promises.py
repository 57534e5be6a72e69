"""What an answer must hold: whatever is promised and gone, or of another type, is caught; anything else is a note."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runner.clock import Deadline
from runner.errors import ContractBroken, GuardRefused, Unreachable
from runner.venue import endpoints
from runner.venue.asks import Ask
from runner.venue.body import encoded
from runner.venue.desk import Desk, Venue
from runner.venue.operations import OPERATIONS

from .recorded import ANSWERS, CALLS, ORDER, promises, recorded, route, schema
from .server import PARTICIPANT, Exchange
from .server import answer as body
from .test_answers import seed

PROMISED = {
    "health": (1, 6),
    "whoami": (2, 12),
    "users": (1, 7),
    "accounts": (1, 7),
    "instruments": (4, 27),
    "symbols": (1, 7),
    "metadata": (1, 7),
    "order_book": (9, 62),
    "best_prices": (7, 46),
    "settlement": (3, 20),
    "kyc_start": (2, 13),
    "kyc_status": (2, 13),
    "insert_order": (1, 6),
    "cancel_order": (0, 0),
    "open_orders": (7, 45),
    "search_orders": (8, 51),
    "search_executions": (13, 85),
    "search_trades": (5, 31),
    "trade_stats": (24, 168),
    "positions": (8, 54),
    "balance": (2, 14),
    "position_ledger": (11, 74),
    "balance_ledger": (6, 40),
}
"""How many fields of each recorded answer the contract promises, and how many broken answers are made of them."""

OF_OTHER_TYPES: tuple[Any, ...] = ({}, [], True, 17, "text", None, "")


def promised_in(name: str) -> list[tuple[Any, ...]]:
    operation = OPERATIONS[name]
    file = f"{operation.family}.schema.json"
    found = promises(recorded(name), schema(f"{file}#/$defs/{name}_answer"), file)
    return sorted(set(found), key=str)


def changed(name: str, path: tuple[Any, ...], value: Any = ...) -> Any:
    """A recorded answer with one field gone, or holding another value."""
    answer = copy.deepcopy(recorded(name))
    holder = answer
    for step in path[:-1]:
        holder = holder[step]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return answer


def at(path: tuple[Any, ...]) -> Any:
    """A path as messages write it."""
    return re.sub(r"\.\[", "[", ".".join(f"[{each}]" if isinstance(each, int) else each for each in path))


def wrong_types(name: str, path: tuple[Any, ...]) -> Iterator[Any]:
    """Values that the field can't be taken to hold in either dialect."""
    now: Any = recorded(name)
    for step in path:
        now = now[step]
    numeric = isinstance(now, str) and re.fullmatch(r"-?[0-9.]+", now) is not None
    for other in OF_OTHER_TYPES:
        same = type(other) is type(now) and not (numeric and isinstance(other, str))
        number = other == 17 and other is not True and (numeric or not isinstance(now, (str, dict, list, bool)))
        if (
            not same
            and not number
            and not (other is None and path[-1] in {"bestBid", "bestOffer", "aggressor", "passive"})
        ):
            yield other


def broken_answers(name: str, path: tuple[Any, ...]) -> list[Any]:
    """The recorded answer without one field, and with every other type of it."""
    return [changed(name, path), *(changed(name, path, other) for other in wrong_types(name, path))]


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def noting(venue: Venue, notes: list[str]) -> Desk:
    return venue.desk(PARTICIPANT, "a", Deadline(venue.clock, 60), lambda _: None, note=notes.append)


def ask(name: str, answer: Any, exchange: Exchange, desk: Desk) -> endpoints.Reply[Any]:
    exchange.routes[route(name)] = body(encoded(answer).encode())
    return CALLS[name](desk)


@pytest.mark.parametrize("dialect", [lambda value: value, seed], ids=["published", "seed"])
@pytest.mark.parametrize("name", CALLS)
def test_recorded(name: str, dialect: Callable[[Any], Any], exchange: Exchange, noting: Desk, notes: list[str]) -> None:
    """Each recorded answer is read, in either dialect to the same, and nothing about it is odd."""
    reply = ask(name, dialect(recorded(name)), exchange, noting)
    assert reply.value == ask(name, recorded(name), exchange, noting).value
    assert notes == []


def test_every_operation_in_use_is_recorded() -> None:
    """One file for each, and no other."""
    assert {path.stem for path in ANSWERS.iterdir()} == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_promised_fields(name: str, exchange: Exchange, noting: Desk) -> None:
    """One that vanished is named with what there is instead, one of another type with what it is and should be.

    n of n: each promised field of each recorded answer, taken away and given every other type, is caught.
    """
    caught = 0
    for path in promised_in(name):
        for answer in broken_answers(name, path):
            with pytest.raises(ContractBroken) as error:
                ask(name, answer, exchange, noting)
            told = rf"`{re.escape(at(path))}` (is missing; it has|is .* was promised|is shorter than 1)"
            assert re.search(told, error.value.message)
            caught += 1
    print(f"{name}: {len(promised_in(name))} promised fields, {caught} broken answers caught")
    assert (len(promised_in(name)), caught) == PROMISED[name]


def test_how_many_promises_there_are() -> None:
    """119 fields, 795 answers with one of them gone or of another type."""
    fields, broken = zip(*PROMISED.values(), strict=True)
    assert (sum(fields), sum(broken)) == (119, 795)


MAPS = {("metadata",), ("priceToQuantityFilled",), ("securities",)}
DAYS = {("startDate",), ("expirationDate",), ("timeSpecifier",), ("transactTradeDate",)}


def objects(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every object that is no map of texts."""
    if isinstance(value, dict) and path[-1:] not in MAPS:
        yield path
        for name, item in value.items():
            yield from objects(item, (*path, name))
    for index, item in enumerate(value) if isinstance(value, list) else ():
        yield from objects(item, (*path, index))


@pytest.mark.parametrize("name", CALLS)
def test_a_field_never_seen_before(name: str, exchange: Exchange, noting: Desk, notes: list[str]) -> None:
    """Wherever it stands, the answer is read as before, and a note tells of it, once."""
    usual = ask(name, recorded(name), exchange, noting).value
    for number, path in enumerate(objects(recorded(name))):
        for _ in range(2):
            answer = changed(name, (*path, f"new{number}"), 1)
            assert ask(name, answer, exchange, noting).value == usual
        where = re.sub(r"\[\d+\]", "[]", at((*path, f"new{number}")))
        assert notes[number:] == [f"{name}: `{where}` is a field that its contract does not have"]


def words(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every enum word."""
    if isinstance(value, str) and re.fullmatch(
        r"(SIDE|ORDER|TIME_IN|INSTRUMENT|EXECUTION|ORD|TRADE|LEDGER)_[A-Z_]+", value
    ):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from words(item, (*path, name))


@pytest.mark.parametrize("name", [name for name in CALLS if list(words(recorded(name)))])
def test_an_enum_word_never_seen_before(name: str, exchange: Exchange, noting: Desk, notes: list[str]) -> None:
    """It is a note, and the result holds it as it came."""
    found = list(words(recorded(name)))
    for number, path in enumerate(found):
        ask(name, changed(name, path, f"NEW_{number}"), exchange, noting)
        assert f'"NEW_{number}", a word that its contract does not have' in notes[number]


def optional(value: Any, promised: list[Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field that is not promised; a map and a day count as a whole."""
    if path and not isinstance(path[-1], int) and path not in promised:
        yield path
    if path[-1:] in MAPS | DAYS:
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from optional(item, promised, (*path, name))


@pytest.mark.parametrize("name", CALLS)
def test_the_rest_may_be_gone_or_null(name: str, exchange: Exchange, noting: Desk, notes: list[str]) -> None:
    """Nothing is said about a field that nobody promised; inside what may come empty, nothing is concluded."""
    for path in optional(recorded(name), promised_in(name)):
        for answer in (changed(name, path), changed(name, path, None)):
            try:
                ask(name, answer, exchange, noting)
            except ContractBroken as broken:
                assert path[-1] in broken.message  # noqa: PT017 - most of them raise nothing
                assert name == "search_trades"
    assert notes == []


@pytest.mark.parametrize("name", CALLS)
def test_the_rest_of_another_type_is_never_silent(
    name: str, exchange: Exchange, noting: Desk, notes: list[str]
) -> None:
    """A note, or an error where the result would have needed it."""
    for path in optional(recorded(name), promised_in(name)):
        noting._venue.noted.clear()
        before = len(notes)
        with contextlib.suppress(ContractBroken):
            ask(name, changed(name, path, [[]]), exchange, noting)
            assert len(notes) > before, path


def test_an_order_may_leave_out_zeros(exchange: Exchange, noting: Desk) -> None:
    """A printer that leaves zeros out leaves out both state and traded quantity of a new order."""
    order = recorded("open_orders")["orders"][0]
    bare = {key: order[key] for key in order.keys() - {"state", "cumQty"}}
    found = ask("open_orders", {"orders": [bare]}, exchange, noting).value[0]
    assert (found.state, found.filled_quantity) == ("ORDER_STATE_NEW", 0)


@pytest.mark.parametrize("broken", [{}, {"orderId": 5}, {"orderId": ""}, {"order": {"id": None}}, []], ids=str)
def test_a_broken_answer_to_an_order(broken: Any, exchange: Exchange, noting: Desk) -> None:
    """Its result is unknown: something was sent, and it is not tried again here."""
    exchange.routes["POST /v1/trading/orders"] = broken
    with pytest.raises(Unreachable) as caught:
        endpoints.insert_order(noting, ORDER)
    assert caught.value.sent
    assert len(exchange.asked("/v1/trading/orders")) == 1


def test_an_empty_answer_to_a_cancel(exchange: Exchange, noting: Desk) -> None:
    """Nothing is promised of it, not even a body."""
    exchange.routes["POST /v1/trading/orders/cancel"] = body(b"")
    assert endpoints.cancel_order(noting, "A", "s").raw is None


def test_notes_are_bounded(exchange: Exchange, noting: Desk, notes: list[str]) -> None:
    """A venue that makes up fields can't fill a report."""
    ask("health", {"status": "ok"} | {f"f{n}\n{'x' * 99}": n for n in range(500)}, exchange, noting)
    assert len(notes) == 50
    assert all(len(each) < 150 and each.isprintable() for each in notes)


@pytest.mark.parametrize(
    ("request_body", "words"),
    [
        (ORDER | {"orderQty": None}, "`orderQty` is null"),
        ({key: ORDER[key] for key in ORDER.keys() - {"orderQty"}}, "`orderQty` is missing"),
        (ORDER | {"cashOrderQty": 5}, "has more than one of what excludes each other"),
        (ORDER | {"symbol": ""}, "`symbol` is shorter than 1"),
        (ORDER | {"side": "buy"}, '`side` is "buy"'),
        (ORDER | {"price": "0.57"}, '`price` is the text "0.57", an integer was promised'),
        (ORDER | {"pricee": 1}, "`pricee` is not a field of its contract"),
    ],
    ids=["null", "missing", "two quantities", "empty", "short word", "dollars", "misspelt"],
)
def test_a_wrong_request_is_never_sent(
    request_body: dict[str, Any], words: str, exchange: Exchange, noting: Desk
) -> None:
    """What the venue would refuse, or silently ignore."""
    with pytest.raises(GuardRefused) as caught:
        endpoints.insert_order(noting, request_body)
    assert words in caught.value.message
    assert exchange.server.received == []


def test_a_wrong_query_is_never_sent(exchange: Exchange, noting: Desk) -> None:
    """Queries are requests, too."""
    with pytest.raises(GuardRefused, match="`depth` is more than 10"):
        noting.send(Ask(OPERATIONS["order_book"], path={"symbol": "s"}, query={"depth": 11}))
    assert exchange.server.received == []
