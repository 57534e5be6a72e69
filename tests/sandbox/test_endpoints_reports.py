"""Searches of executions and trades, and downloads, over the gateway."""

from __future__ import annotations

import json

import pytest

from sandbox.bench import ALICES, BOB, Bench, order_body, symbol
from sandbox.test_endpoints_trading import EXECUTIONS, SEARCH, TRADES, TRADING, traded


def test_executions_search(bench: Bench) -> None:
    """Everything that happened to the user's orders, oldest first, with fees in the venue's units."""
    order_id, _ = traded(bench)
    answer = bench.post(EXECUTIONS, {"pageSize": 10})[1]
    assert [execution["type"] for execution in answer["executions"]] == ["EXECUTION_TYPE_NEW", "EXECUTION_TYPE_FILL"]
    assert set(answer) == {"executions", "nextPageToken", "eof"}
    fill = answer["executions"][1]
    assert (fill["order"]["id"], fill["lastShares"], fill["lastPx"]) == (order_id, "4", "500")
    assert (fill["aggressor"], fill["commissionNotionalCollected"]) == (True, "70")
    assert fill["transactTradeDate"] == {"year": 2026, "month": 11, "day": 22}
    assert fill["order"]["commissionNotionalTotalCollected"] == "70"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"types": ["EXECUTION_TYPE_FILL"]}, 1),
        ({"types": ["EXECUTION_TYPE_NEW", "EXECUTION_TYPE_FILL"]}, 2),
        ({"clordId": "alices"}, 2),
        ({"clordId": "bobs"}, 0),
        ({"symbol": symbol("buf")}, 0),
        ({"accounts": [ALICES]}, 2),
        ({"execIds": ["x"]}, 0),
        ({"parentOrderId": "x"}, 0),
        ({"startTime": "2026-11-22T12:00:00.020Z"}, 2),
        ({"startTime": "2026-11-22T13:00:00Z"}, 0),
        ({"endTransactTradeDate": {"year": 2026, "month": 11, "day": 21}}, 0),
        ({"startTransactTradeDate": {"year": 2026, "month": 11, "day": 22}}, 2),
    ],
    ids=str,
)
def test_execution_filters(bench: Bench, body: dict[str, object], expected: int) -> None:
    """Filters are ANDed, and show another's executions to nobody."""
    traded(bench)
    assert len(bench.post(EXECUTIONS, {"pageSize": 10} | body)[1]["executions"]) == expected


def test_executions_newest_first_and_in_pages(bench: Bench) -> None:
    """Pages keep the order asked for."""
    traded(bench)
    first = bench.post(EXECUTIONS, {"pageSize": 1, "newestFirst": True})[1]
    again = {"pageSize": 1, "newestFirst": True, "pageToken": first["nextPageToken"]}
    second = bench.post(EXECUTIONS, again)[1]
    assert [page["executions"][0]["type"] for page in (first, second)] == ["EXECUTION_TYPE_FILL", "EXECUTION_TYPE_NEW"]
    assert [page["eof"] for page in (first, second)] == [False, True]


@pytest.mark.parametrize("date", [{"year": 2026, "month": 13, "day": 1}, {"year": 1}, "x"], ids=str)
def test_wrong_trade_dates_are_refused(bench: Bench, date: object) -> None:
    """400, code 3."""
    status, answer = bench.post(SEARCH, {"pageSize": 5, "startTransactTradeDate": date})
    assert (status, answer["code"]) == (400, 3)


def test_trades_show_each_side_its_own(bench: Bench) -> None:
    """A trade carries its user's execution; the other side's is not shown."""
    alices, bobs = traded(bench)
    mine = bench.post(TRADES, {"pageSize": 5})[1]
    theirs = bench.post(TRADES, {"pageSize": 5}, participant=BOB)[1]
    assert set(mine) == {"trade", "nextPageToken"}
    assert mine["trade"][0]["id"] == theirs["trade"][0]["id"]
    assert (mine["trade"][0]["aggressor"]["order"]["id"], mine["trade"][0]["passive"]) == (alices, None)
    assert (theirs["trade"][0]["passive"]["order"]["id"], theirs["trade"][0]["aggressor"]) == (bobs, None)
    assert mine["trade"][0]["state"] == "TRADE_STATE_CLEARED"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"symbol": symbol()}, 1),
        ({"symbol": symbol("buf")}, 0),
        ({"states": ["TRADE_STATE_CLEARED"]}, 1),
        ({"states": ["TRADE_STATE_BUSTED"]}, 0),
        ({"tradeId": "x"}, 0),
        ({"orderId": "x"}, 0),
        ({"execId": "x"}, 0),
        ({"tradeLinkId": "x"}, 0),
        ({"accounts": [ALICES]}, 1),
        ({"endTime": "2026-11-22T12:00:00Z"}, 0),
    ],
    ids=str,
)
def test_trade_filters(bench: Bench, body: dict[str, object], expected: int) -> None:
    """Filters are ANDed."""
    traded(bench)
    assert len(bench.post(TRADES, {"pageSize": 5} | body)[1]["trade"]) == expected


@pytest.mark.parametrize("path", [EXECUTIONS, TRADES])
def test_report_searches_need_a_page_size(bench: Bench, path: str) -> None:
    """As the order search does."""
    assert bench.post(path, {})[1]["message"] == "Maximum requested records is 5000"


@pytest.mark.parametrize(("kind", "rows"), [("orders", 2), ("executions", 3), ("trades", 2)])
def test_downloads_are_csv_in_lines_of_json(bench: Bench, kind: str, rows: int) -> None:
    """``{"result": {"filechunk": …}}``, one object a line; together a table with a line of names."""
    traded(bench)
    answer = bench.answer("POST", f"/v1/report/{kind}/csv", b"{}")
    chunks = [json.loads(line)["result"]["filechunk"] for line in answer.body.decode().splitlines()]
    assert answer.status == 200
    assert len("".join(chunks).splitlines()) == rows


def test_long_downloads_come_in_chunks(bench: Bench) -> None:
    """A few hundred rows make several lines."""
    for _ in range(13):
        bench.post(f"{TRADING}/list", {"requests": [order_body(orderQty=1, price=1)] * 20})
    lines = bench.answer("POST", "/v1/report/orders/csv", b"{}").body.decode().splitlines()
    assert [len(json.loads(line)["result"]["filechunk"].splitlines()) for line in lines] == [200, 61]
