"""Positions, balances and ledgers over the gateway."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from runner.sandbox.rules import Rules
from sandbox.bench import ALICES, BOB, BOBS, Bench, Keys, symbol


def trade(bench: Bench, quantity: int = 4, price: int = 500) -> None:
    bench.place(participant=BOB, side="SIDE_SELL", orderQty=quantity, price=price)
    bench.place(orderQty=quantity, price=price)


def positions(bench: Bench, query: str = "", **more: Any) -> Any:
    status, answer = bench.get(f"/v1/positions?name={ALICES}{query}", **more)
    assert status == 200, answer
    return answer


def test_positions(bench: Bench) -> None:
    """Quantities, cost and what was realized in wire integers; what could still be traded beside it."""
    trade(bench)
    bench.place(side="SIDE_SELL", orderQty=1, price=900)
    answer = positions(bench)
    assert answer["positions"] == [
        {
            "account": ALICES,
            "symbol": symbol(),
            "netPosition": "4",
            "qtyBought": "4",
            "qtySold": "0",
            "cost": "2000",
            "realized": "0",
            "bodPosition": "0",
            "expired": False,
            "updateTime": "2026-11-22T12:00:00.020000Z",
        }
    ]
    assert (answer["availablePosition"], answer["eof"], answer["nextPageToken"]) == (["3"], True, "")
    short = bench.get(f"/v1/positions?name={BOBS}", participant=BOB)[1]["positions"][0]
    assert (short["netPosition"], short["cost"]) == ("-4", "-2000")


def test_position_filters(bench: Bench) -> None:
    """By symbol, without the flat, without the expired, as of another moment."""
    trade(bench)
    bench.clock.move(hours=24)
    bench.place(participant=BOB, symbol=symbol("buf"), side="SIDE_SELL", price=50)
    bench.place(symbol=symbol("buf"), price=50)
    bench.house.exchange.settle(symbol(), 1000)

    def seen(query: str) -> list[str]:
        return [each["symbol"].rpartition("-")[2] for each in positions(bench, query)["positions"]]

    assert seen("") == ["buf", "kc"]
    assert seen(f"&symbol={symbol()}") == ["kc"]
    assert seen("&nonZeroOnly=true") == ["buf"]
    assert seen("&activeOnly=true") == ["buf"]
    assert seen("&active_only=false") == ["buf", "kc"]
    assert seen("&asOfTime=2026-11-22T13:00:00Z") == ["kc"]
    assert seen("&asOfDate.year=2026&asOfDate.month=11&asOfDate.day=22") == ["kc"]
    held = positions(bench, "&asOfTime=2026-11-22T13:00:00Z")["positions"][0]
    assert held["netPosition"] == "4"
    pages = [positions(bench, "&pageSize=1")]
    pages.append(positions(bench, f"&pageSize=1&pageToken={pages[0]['nextPageToken'].replace('=', '%3D')}"))
    assert [page["positions"][0]["symbol"] for page in pages] == [symbol("buf"), symbol()]
    assert [page["eof"] for page in pages] == [False, True]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"?name={BOBS}", 403),
        (f"?name={ALICES}&pageSize=1001", 400),
        (f"?name={ALICES}&pageToken=x", 400),
        (f"?name={ALICES}&asOfDate.year=2026&asOfDate.month=2&asOfDate.day=30", 400),
        (f"?name={ALICES}&asOfTime=2026-11-22T12:00:00Z&asOfDate.year=2026&asOfDate.month=2&asOfDate.day=3", 400),
    ],
    ids=["no-name", "anothers", "page-size", "token", "date", "both"],
)
def test_wrong_positions(bench: Bench, query: str, status: int) -> None:
    """A name is demanded, and it must be the user's own."""
    assert bench.get(f"/v1/positions{query}")[0] == status


def test_balances(bench: Bench) -> None:
    """By currency, of which there is one; ``account`` is no field of theirs."""
    answer = bench.post("/v1/positions/balances", {"name": ALICES})[1]
    single = bench.post("/v1/positions/balance", {"name": ALICES, "currency": "USD"})[1]
    assert answer == {"balances": {"USD": single}}
    assert bench.post("/v1/positions/balances", {"account": ALICES})[0] == 400


LEDGER, CASH = f"/v1/positions/ledger?account={ALICES}", f"/v1/funding/balance-ledger?account={ALICES}"


def entries(bench: Bench, path: str) -> list[Any]:
    status, answer = bench.get(path)
    assert status == 200, answer
    return list(answer["entries"])


def test_position_ledger(bench: Bench) -> None:
    """Each change with what it made of the position."""
    trade(bench)
    entry = entries(bench, LEDGER)[0]
    assert entry.pop("id").startswith("pl_")
    assert entry == {
        "account": ALICES,
        "symbol": symbol(),
        "quantityChange": "4",
        "costChange": "2000",
        "realizedChange": "0",
        "netPosition": "4",
        "cost": "2000",
        "realized": "0",
        "updateTime": "2026-11-22T12:00:00.020000Z",
        "updateBusinessDate": "2026-11-22",
        "description": "Buy 4 @ 500",
    }


def test_balance_ledger(bench: Bench) -> None:
    """The fill and its commission, each an entry of its own, with the balance before and after."""
    trade(bench)
    found = entries(bench, CASH)
    prefix = "LEDGER_ENTRY_TYPE_BALANCE_"
    assert [entry["entryType"] for entry in found] == [f"{prefix}ORDER_EXECUTION", f"{prefix}COMMISSION"]
    assert [entry["afterBalance"] for entry in found] == ["999998", "999997.93"]
    assert found[0]["beforeBalance"] == "1000000"
    assert found[0]["id"].startswith("bl_")
    assert (found[0]["currency"], found[0]["symbol"]) == ("USD", symbol())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 3),
        ("&entryTypes=LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT", 1),
        ("&entryTypes=LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT&entryTypes=LEDGER_ENTRY_TYPE_BALANCE_COMMISSION", 2),
        ("&entryTypes=nonsense", 3),
        (f"&symbol={symbol()}", 2),
        ("&description=Commission", 1),
        ("&currency=USD", 3),
        ("&currency=EUR", 0),
        ("&startTime=2026-11-22T12:00:00.020Z", 2),
        ("&endTime=2026-11-22T12:00:00Z", 1),
        ("&startTime=2020-01-01T00:00:00Z", 3),
        ("&pageSize=1", 1),
    ],
    ids=str,
)
def test_balance_ledger_filters(bench: Bench, query: str, expected: int) -> None:
    """Filters are ANDed; words nobody knows filter nothing."""
    bench.house.exchange.fund(ALICES, 5)
    trade(bench)
    assert len(entries(bench, CASH + query)) == expected


@pytest.mark.parametrize("path", [LEDGER, CASH])
def test_ledgers_newest_first_and_in_pages(bench: Bench, path: str) -> None:
    """Pages join to the whole, in either order."""
    trade(bench)
    trade(bench)
    whole = entries(bench, path)
    assert entries(bench, f"{path}&newestFirst=true") == whole[::-1]
    first = bench.get(f"{path}&pageSize=1")[1]
    token = first["nextPageToken"]
    assert json.loads(base64.b64decode(token))["offset"] == 1
    second = bench.get(f"{path}&pageSize=1&pageToken={token.replace('=', '%3D')}")[1]
    assert first["entries"] + second["entries"] == whole[:2]


@pytest.mark.parametrize("word", ["NETTING", "BEGINNING_OF_DAY", "SETTLEMENT_FEE", "SYNCHRONIZATION"])
def test_suppressed_entry_types(bench: Bench, word: str) -> None:
    """Asking for one is 409, ABORTED."""
    status, answer = bench.get(f"{CASH}&entryTypes=LEDGER_ENTRY_TYPE_BALANCE_{word}")
    assert (status, answer["code"]) == (409, 10)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/positions/ledger", 400),
        ("/v1/funding/balance-ledger", 400),
        (f"{LEDGER}&pageSize=1001", 400),
        (f"{CASH}&description={'x' * 201}", 400),
    ],
    ids=["no-account", "no-account-of-cash", "page-size", "description"],
)
def test_wrong_ledgers(bench: Bench, path: str, status: int) -> None:
    """An account is needed; pages and descriptions have bounds."""
    assert bench.get(path)[0] == status


def test_ledgers_begin_in_may_2026(bench: Bench) -> None:
    """Earlier starts are moved to the first of May; what was before does not show."""
    bench.clock.at = datetime(2026, 4, 30, 23, 59, tzinfo=UTC)
    bench.house.exchange.fund(ALICES, 1)
    bench.clock.at = datetime(2026, 5, 1, tzinfo=UTC)
    bench.house.exchange.fund(ALICES, 2)
    found = entries(bench, f"{CASH}&startTime=2026-01-01T00:00:00Z")
    assert [entry["afterBalance"] for entry in found] == ["1000003"]


@pytest.mark.parametrize(("path", "rows"), [("positions/ledger", 2), ("funding/balance-ledger", 3)], ids=str)
def test_ledger_downloads(bench: Bench, path: str, rows: int) -> None:
    """CSV, in base64, in JSON, one object a line; nothing at all is an empty body."""
    whole = f"/v1/{path}/download?account={ALICES}"
    empty = bench.answer("GET", whole)
    assert (empty.status, empty.body) == (200, b"")
    trade(bench)
    lines = bench.answer("GET", whole).body.decode().splitlines()
    text = b"".join(base64.b64decode(json.loads(line)["result"]["data"]) for line in lines).decode()
    assert len(text.splitlines()) == rows
    assert text.startswith("id,account,")


def test_ledger_downloads_as_the_guide_has_them(keys: Keys) -> None:
    """Plain CSV by a switch."""
    bench = Bench(keys, rules=Rules(ledger_downloads="csv"))
    trade(bench)
    answer = bench.answer("GET", f"/v1/positions/ledger/download?account={ALICES}")
    assert answer.body.startswith(b"id,account,symbol,")
    assert answer.headers["content-type"] == "text/csv"
