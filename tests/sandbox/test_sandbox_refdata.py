"""Reference data and balances over the gateway."""

from __future__ import annotations

import pytest

from runner.sandbox import world
from sandbox.bench import ALICES, BOBS, Bench, symbol

LISTING = "/v1/refdata/instruments"
TEAMS = ["den", "kc", "buf", "phi", "det", "gb", "sf", "dal", "mia", "bal", "cin"]


def teams(bench: Bench, **body: object) -> list[str]:
    status, answer = bench.post(LISTING, body, participant=None)
    assert status == 200, answer
    return [instrument["symbol"].rpartition("-")[2] for instrument in answer["instruments"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, TEAMS),
        ({"tradableFilter": "TRADABLE_FILTER_TRADABLE"}, TEAMS[1:]),
        ({"tradable_filter": 1}, TEAMS[1:]),
        ({"tradableFilter": "TRADABLE_FILTER_NON_TRADABLE"}, ["den"]),
        ({"tradableFilter": "no such word"}, TEAMS),
        ({"states": ["INSTRUMENT_STATE_EXPIRED", "INSTRUMENT_STATE_HALTED"]}, ["den", "cin"]),
        ({"states": ["no such word"]}, ["bal"]),
        ({"symbols": [symbol("kc"), symbol("sf"), "unknown"]}, ["kc", "sf"]),
        ({"symbols": ["unknown"]}, []),
        ({"symbols": [symbol("kc")], "states": ["INSTRUMENT_STATE_HALTED"]}, []),
        ({"productId": "tec-nfl-sbw"}, TEAMS),
        ({"productId": "aec"}, []),
        ({"eventSeries": "nfl-sbw", "eventCategory": "SPR"}, TEAMS),
        ({"eventSeries": "nba"}, []),
        ({"marketCategory": "sports", "marketType": "title"}, TEAMS),
        ({"gameId": "nfl-2026-11-29"}, ["bal", "cin"]),
        ({"clearingSym": "TECNFLSBW20270214S"}, ["sf"]),
        ({"type": "INSTRUMENT_TYPE_EVENT"}, TEAMS),
        ({"type": "INSTRUMENT_TYPE_FUTURE"}, []),
        ({"endTimeLte": "2026-11-29"}, ["den", "bal", "cin"]),
        ({"endTimeGte": "2026-11-29", "endTimeLte": "2026-11-29T00:00:00Z"}, ["bal", "cin"]),
        ({"startTimeGte": "2026-10-01"}, TEAMS[1:9]),
        ({"unknownKey": 7, "symbols": None}, TEAMS),
    ],
    ids=str,
)
def test_filters_are_anded(bench: Bench, body: dict[str, object], expected: list[str]) -> None:
    """Each simple filter narrows the listing; unknown words are the zero member, unknown keys nothing at all."""
    assert teams(bench, **body) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"pageSize": 1001},
        {"pageSize": -1},
        {"pageToken": "nonsense"},
        {"pageToken": "eyJvIjogLTF9"},
        {"symbols": "kc"},
        {"endTimeLte": "2026-13-01"},
        {"filter": {"whereClause": "state = 'OPEN'"}},
        {"filter": 7},
    ],
    ids=str,
)
def test_wrong_listings_are_refused(bench: Bench, body: dict[str, object]) -> None:
    """A page size, token, list or filter that cannot be honoured is 400, code 3."""
    status, answer = bench.post(LISTING, body)
    assert (status, answer["code"]) == (400, 3)


def test_pages_join_to_the_whole(bench: Bench) -> None:
    """Pages follow each other by their tokens; the last one has none and says so."""
    seen, token, pages = [], "", 0
    while True:
        _, answer = bench.post(LISTING, {"pageSize": 4, "pageToken": token})
        seen += [instrument["symbol"].rpartition("-")[2] for instrument in answer["instruments"]]
        token, pages = answer["nextPageToken"], pages + 1
        assert answer["eof"] == (token == "")
        if not token:
            break
    assert (seen, pages) == (TEAMS, 3)


@pytest.mark.parametrize(
    ("team", "price_scale", "tick", "quantity_scale", "state"),
    [
        ("kc", "1000", 0.001, "1", "OPEN"),
        ("buf", "100", 0.01, "100", "OPEN"),
        ("phi", "1000", 0.005, "100", "OPEN"),
        ("det", "10000", 0.0025, "100", "OPEN"),
        ("gb", "100", 0.01, "0", "OPEN"),
        ("bal", "100", 0.01, "100", "CLOSED"),
        ("cin", "100", 0.01, "100", "HALTED"),
    ],
)
def test_scales(bench: Bench, team: str, price_scale: str, tick: float, quantity_scale: str, state: str) -> None:
    """Every documented pair of scales is listed, 64-bit figures as strings, the tick as a number in dollars."""
    found = bench.post(LISTING, {"symbols": [symbol(team)]})[1]["instruments"][0]
    assert (found["priceScale"], found["tickSize"], found["fractionalQtyScale"]) == (price_scale, tick, quantity_scale)
    assert found["state"] == f"INSTRUMENT_STATE_{state}"
    assert found["priceLimit"]["lowSet"] is True
    assert found["orderSizeLimit"] is None


def test_hostile_descriptions_arrive_as_they_are(bench: Bench) -> None:
    """Descriptions are data: template, markup, terminal and CI syntax pass through untouched."""
    listed = bench.post(LISTING, {"tradableFilter": "TRADABLE_FILTER_TRADABLE"})[1]["instruments"]
    descriptions = [instrument["description"] for instrument in listed]
    assert "{{ 7 * 7 }}" in descriptions[1:]
    assert world.HOSTILE in descriptions[1:]


def test_symbols_and_metadata(bench: Bench) -> None:
    """All symbols in listing order; what the exchange says of itself keeps its keys in either dialect."""
    assert bench.post("/v1/refdata/symbols", {})[1] == {"symbols": [symbol(team) for team in TEAMS]}
    assert bench.post("/v1/refdata/metadata", {})[1]["metadata"]["timezone"] == "America/New_York"


def test_balance_of_a_fresh_account(bench: Bench) -> None:
    """A million dollars, in decimal strings without forced decimals."""
    status, answer = bench.post("/v1/positions/balance", {"name": ALICES, "currency": "USD"})
    assert status == 200
    assert (answer["balance"], answer["buyingPower"], answer["openOrders"]) == ("1000000", "1000000", "0")
    assert answer["updateTime"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, 3),
        ({"name": ALICES}, 400, 3),
        ({"currency": "USD"}, 400, 3),
        ({"name": ALICES, "currency": "EUR"}, 400, 3),
        ({"name": BOBS, "currency": "USD"}, 403, 7),
        ({"name": "firms/ISV-Acme/accounts/UNKNOWN", "currency": "USD"}, 403, 7),
    ],
    ids=["empty", "no-currency", "no-name", "euro", "anothers", "unknown"],
)
def test_balance_is_strict(bench: Bench, body: dict[str, object], status: int, code: int) -> None:
    """Name and currency are needed; another's account is not told apart from one that does not exist."""
    given, answer = bench.post("/v1/positions/balance", body)
    assert (given, answer["code"]) == (status, code)
