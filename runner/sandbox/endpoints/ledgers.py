"""The ledgers of positions and of cash, as pages and as downloads.

Follows docs.polymarket.us: institutional/positions/overview and institutional/funding/overview. Nothing before the
first of May 2026 is shown, whatever is asked for.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from runner.sandbox.endpoints.asking import named_account, page_size, period
from runner.sandbox.endpoints.tables import csv_text
from runner.sandbox.exchange.acceptance import usd
from runner.sandbox.exchange.ledger import FLOOR, BalanceEntry, BalanceSearch, Period, PositionEntry, PositionSearch
from runner.sandbox.exchange.terms import SHOWN_ENTRIES, LedgerEntryType
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import aborted, invalid
from runner.sandbox.gateway.message import Answer
from runner.sandbox.gateway.wire import Int64, Lines, Tree, moment, word

_Entry = TypeVar("_Entry")
_CURRENCY = "USD"
_LONGEST_DESCRIPTION = 200
_BYTES_A_LINE = 48_000


def position_ledger(call: Call) -> Tree:
    """One page of an account's position ledger."""
    shown, following = call.page(_positions(call), page_size(call.fields), "offset")
    return _page([_position_entry(entry) for entry in shown], following)


def balance_ledger(call: Call) -> Tree:
    """One page of an account's balance ledger."""
    shown, following = call.page(_balances(call), page_size(call.fields), "offset")
    return _page([_balance_entry(entry) for entry in shown], following)


def download_position_ledger(call: Call) -> Lines | Answer:
    """An account's whole position ledger as CSV."""
    return _download(call, [_position_entry(entry) for entry in _positions(call)])


def download_balance_ledger(call: Call) -> Lines | Answer:
    """An account's whole balance ledger as CSV."""
    return _download(call, [_balance_entry(entry) for entry in _balances(call)])


def _page(entries: list[Tree], following: str) -> Tree:
    return {"entries": entries, "next_page_token": following, "eof": not following}


def _positions(call: Call) -> Sequence[PositionEntry]:
    account = named_account(call, "account")
    wanted = PositionSearch(_period(call), call.fields.text("symbol"))
    return _ordered(call, call.exchange.position_entries(account, wanted))


def _balances(call: Call) -> Sequence[BalanceEntry]:
    account, fields = named_account(call, "account"), call.fields
    if len(fields.text("description")) > _LONGEST_DESCRIPTION:
        raise invalid(f"description must be at most {_LONGEST_DESCRIPTION} characters")
    wanted = BalanceSearch(_period(call), _types(call), fields.text("symbol"), fields.text("description"))
    if fields.text("currency") not in ("", _CURRENCY):
        return []
    return _ordered(call, call.exchange.balance_entries(account, wanted))


def _types(call: Call) -> frozenset[LedgerEntryType]:
    """The entry types asked for; asking for one that is never shown is refused (409, ABORTED)."""
    asked = call.fields.words("entry_types", LedgerEntryType) - {LedgerEntryType.UNDEFINED}
    if not asked <= SHOWN_ENTRIES:
        raise aborted("the ledger does not show entries of this type")
    return asked or SHOWN_ENTRIES


def _period(call: Call) -> Period:
    asked = period(call.fields)
    return Period(max(asked.start or FLOOR, FLOOR), asked.end)


def _ordered(call: Call, entries: list[_Entry]) -> list[_Entry]:
    return entries[::-1] if call.fields.flag("newest_first") else entries


def _position_entry(entry: PositionEntry) -> Tree:
    before, after = entry.before, entry.after
    return {
        "id": entry.id,
        "account": entry.account,
        "symbol": entry.symbol,
        "quantity_change": Int64(after.net - before.net),
        "cost_change": Int64(after.cost - before.cost),
        "realized_change": Int64(after.realized - before.realized),
        "net_position": Int64(after.net),
        "cost": Int64(after.cost),
        "realized": Int64(after.realized),
        "update_time": moment(entry.at),
        "update_business_date": entry.day.isoformat(),
        "description": entry.description,
    }


def _balance_entry(entry: BalanceEntry) -> Tree:
    return {
        "id": entry.id,
        "account": entry.account,
        "currency": _CURRENCY,
        "before_balance": usd(entry.before),
        "after_balance": usd(entry.after),
        "description": entry.description,
        "update_time": moment(entry.at),
        "modified_security_id": "",
        "entry_type": word(entry.type),
        "symbol": entry.symbol,
        "update_business_date": entry.day.isoformat(),
    }


def _download(call: Call, entries: list[Tree]) -> Lines | Answer:
    """The entries as CSV in JSON and base64, as the schema has it, or plain, as the guide has it; none is no body."""
    text = csv_text(entries).encode() if entries else b""
    if call.setting.rules.ledger_downloads == "csv":
        return Answer(200, text, {"content-type": "text/csv"})
    chunks = [text[start : start + _BYTES_A_LINE] for start in range(0, len(text), _BYTES_A_LINE)]
    return Lines({"result": {"data": base64.b64encode(chunk).decode()}} for chunk in chunks)
