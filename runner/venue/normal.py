"""From the venue's objects to the model: scales applied, spellings and forms made one.

Source: docs.polymarket.us, the published OpenAPI files refdata, trading, report, accounts and positions, and
partners/onboarding/kyc.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from runner.frozen import frozen
from runner.venue.model import (
    ENTRY_STATES,
    Account,
    Balance,
    DocumentVerification,
    Identity,
    Instrument,
    Order,
    User,
    Verification,
)
from runner.venue.scales import Scales, divided
from runner.venue.wire import Fields, broken


@frozen
class RawOrder:
    """An order as it came, with the execution that came with it, if any.

    Its texts can be read as they are; prices and quantities need scales: the order's own, or the instrument's.
    """

    values: Mapping[str, Any]
    execution: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """The venue's id."""
        return Fields(self.values, "order.").text("id")

    @property
    def clord_id(self) -> str:
        """The client order id, empty if it had none."""
        return Fields(self.values, "order.").text("clordId", "")

    @property
    def symbol(self) -> str:
        """The instrument."""
        return Fields(self.values, "order.").text("symbol")

    @property
    def scales(self) -> Scales | None:
        """The scales that it carries itself, None if it has none."""
        return _scales_of(Fields(self.values, "order."))

    def order(self, scales: Scales | None = None) -> Order:
        """In dollars and contracts; ``scales`` are the instrument's, used where the order carries none."""
        return _order(Fields(self.values, "order."), self.execution, scales)


def identity(answer: object) -> Identity:
    """Of ``GET /v1/whoami``."""
    got = Fields(answer)
    return Identity(
        got.text("user"),
        got.text("userDisplayName", ""),
        bare_firm(got.text("firm")),
        got.text("firmDisplayName", ""),
        got.text("firmType", ""),
        got.text("audience", ""),
    )


def users(answer: object) -> tuple[User, ...]:
    """Of ``GET /v1/users``: four lists side by side."""
    got = Fields(answer)
    rows = _rows(got, "users", "displayNames", "firms", "firmsDisplayNames")
    return tuple(User(name, shown, bare_firm(firm), firm_shown) for name, shown, firm, firm_shown in rows)


def accounts(answer: object) -> tuple[Account, ...]:
    """Of ``GET /v1/accounts``: two lists side by side."""
    return tuple(Account(name, shown) for name, shown in _rows(Fields(answer), "accounts", "displayNames"))


def balance(answer: object) -> Balance:
    """Of ``POST /v1/positions/balance``."""
    got = Fields(answer)
    return Balance(
        got.number("balance"),
        got.number("buyingPower"),
        got.number_or_none("openOrders"),
        got.number_or_none("marginRequirement"),
        got.number_or_none("capitalRequirement"),
        got.number_or_none("excessCapital"),
        got.number_or_none("unsettledFunds"),
        got.time("updateTime"),
    )


def verification(answer: object) -> Verification:
    """Of ``POST /v1/kyc/start`` and ``GET /v1/kyc/status``; only the latter tells the account."""
    got = Fields(answer)
    state = got.part("status")
    return Verification(
        external_id=state.text("externalId", ""),
        decision=state.text("decision"),
        status=state.text("status", ""),
        sub_status=state.text("subStatus", ""),
        participant_id=got.text("participantId", ""),
        account=got.text("provisionedAccount", ""),
        document_verification=_documents(got.part("docv")) if got.has("docv") else None,
    )


def instrument(values: object, where: str = "instrument.") -> Instrument:
    """One of ``POST /v1/refdata/instruments``. A missing price scale is an error; a missing quantity scale means 1."""
    got = Fields(values, where)
    price_scale = got.whole("priceScale")
    if price_scale <= 0:
        broken(f"`{where}priceScale` is {price_scale}, which divides nothing")
    quantity_scale = _quantity_scale(got, "fractionalQtyScale")
    state = got.text("state", "INSTRUMENT_STATE_CLOSED")
    low, high = _price_limits(got, price_scale)
    return Instrument(
        symbol=got.text("symbol"),
        description=got.text("description", ""),
        state=state,
        price_scale=price_scale,
        quantity_scale=quantity_scale,
        tick_size=got.number("tickSize"),
        minimum_quantity=divided(got.whole("minimumTradeQty", 0), quantity_scale),
        price_low=low,
        price_high=high,
        tradable=state in ENTRY_STATES and not got.flag("nonTradable"),
        expires_on=got.day("expirationDate"),
        metadata=got.texts("metadata"),
    )


def order_id(answer: object) -> str:
    """Of an insert's answer: ``{orderId}`` or ``{order: {id}}``."""
    got = Fields(answer)
    nested = got.part("order") if got.has("order") else None
    found = nested.text("id") if nested else got.text("orderId")
    return found or broken("`orderId` is empty")


def bare_firm(name: str) -> str:
    """``firms/<id>`` as ``<id>``; the venue writes either."""
    return name.removeprefix("firms/")


def _documents(got: Fields) -> DocumentVerification:
    return DocumentVerification(
        got.text("url", ""), got.text("qrCode", ""), got.text("docvTransactionToken", ""), got.text("eventId", "")
    )


def _order(got: Fields, execution: Mapping[str, Any] | None, scales: Scales | None) -> Order:
    own = (
        _scales_of(got) or scales or broken("`order.priceScale` is missing, and its instrument's scales are not known")
    )
    seen = Fields(execution, "execution.") if execution is not None else None
    filled = own.contracts(got.whole("cumQty", 0))
    return Order(
        id=got.text("id"),
        clord_id=got.text("clordId", ""),
        symbol=got.text("symbol"),
        side=got.text("side", ""),
        type=got.text("type", ""),
        time_in_force=got.text("timeInForce", ""),
        state=got.text("state", "ORDER_STATE_NEW"),
        price=price(got, "price", own),
        quantity=own.contracts(got.whole("orderQty", 0)),
        leaves_quantity=own.contracts(got.whole("leavesQty")) if got.has("leavesQty") else None,
        filled_quantity=filled,
        average_price=price(got, "avgPx", own) if filled else None,
        account=got.text("account", ""),
        reject_reason=seen.text("orderRejectReason", "") if seen else "",
        reject_text=seen.text("text", "") if seen else "",
        created_at=got.time("createTime"),
        updated_at=got.time("lastTransactTime"),
    )


def _scales_of(got: Fields) -> Scales | None:
    price_scale = got.whole("priceScale", 0)
    return Scales(price_scale, _quantity_scale(got, "fractionalQuantityScale")) if price_scale > 0 else None


def _quantity_scale(got: Fields, name: str) -> int:
    scale = got.whole(name, 0)
    return scale if scale >= 0 and (scale := scale or 1) else broken(f"`{name}` is {scale}, which divides nothing")


def price(got: Fields, name: str, scales: Scales) -> Decimal | None:
    """A price in dollars; the wire's 0 means that there is none, since every price lies above it."""
    wire = got.whole(name, 0)
    return scales.dollars(wire) if wire else None


def _price_limits(got: Fields, scale: int) -> tuple[Decimal | None, Decimal | None]:
    if not got.has("priceLimit"):
        return None, None
    limit = got.part("priceLimit")
    low = divided(limit.whole("low", 0), scale) if limit.flag("lowSet") else None
    return low, divided(limit.whole("high", 0), scale) if limit.flag("highSet") else None


def _rows(got: Fields, first: str, *others: str) -> list[tuple[str, ...]]:
    """Lists side by side as rows; all but the first may be absent, and none may be shorter than the first."""
    keys = got.items(first)
    columns = [keys] + [got.items(name) if got.has(name) else [""] * len(keys) for name in others]
    for name, column in zip((first, *others), columns, strict=True):
        if len(column) != len(keys) or not all(isinstance(each, str) for each in column):
            broken(f"`{name}` is not a list of {len(keys)} texts beside `{first}`")
    return list(zip(*columns, strict=True))
