"""Orders, executions and trades as trees, every documented field with its default."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.instruments import MICROS
from runner.sandbox.exchange.orders import Execution, Order, Trade
from runner.sandbox.exchange.terms import TradeState
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.wire import Entries, Int64, Pieces, Tree, day, moment, word


def order_tree(order: Order) -> Tree:
    """An order with its 43 fields (docs.polymarket.us: institutional/trading/overview)."""
    asked = order.request
    return {
        "id": order.id,
        "type": word(asked.type),
        "side": word(asked.side),
        "order_qty": Int64(asked.quantity),
        "symbol": asked.symbol,
        "clord_id": asked.client_order_id,
        "time_in_force": word(asked.time_in_force),
        "account": asked.account,
        "cum_qty": Int64(order.filled),
        "avg_px": Int64(order.average_price),
        "leaves_qty": Int64(order.leaves),
        "state": word(order.state),
        "participant": asked.participant,
        "price": Int64(asked.price),
        "insert_time": moment(order.inserted),
        "create_time": moment(order.created),
        "submitting_participant": asked.participant,
        "last_trade_id": order.last_trade,
        "last_transact_time": moment(order.changed),
        "price_scale": Int64(order.price_scale),
        "fractional_quantity_scale": Int64(order.quantity_scale),
        "price_to_quantity_filled": Entries({str(at): str(filled) for at, filled in order.fills.items()}),
        "commission_notional_total_collected": Int64(notional(order, order.fee)),
        **_instructions(order),
        **_NEVER_SET,
        **asked.labels,
    }


def written_orders(call: Call, orders: Iterable[Order]) -> Pieces:
    """Orders as JSON, each written once until it changes."""
    return Pieces(call.setting.scribe.write(order.id, order, order_tree) for order in orders)


def execution_tree(execution: Execution) -> Tree:
    """An execution (docs.polymarket.us: institutional/report/overview)."""
    return {
        "id": execution.id,
        "order": order_tree(execution.order),
        "last_shares": Int64(execution.quantity),
        "last_px": Int64(execution.price),
        "type": word(execution.type),
        "text": execution.text,
        "order_reject_reason": word(execution.reason),
        "transact_time": moment(execution.at),
        "leg_prices": [],
        "trade_id": execution.trade,
        "aggressor": execution.aggressor,
        "commission_notional_collected": Int64(notional(execution.order, execution.fee)),
        "unsolicited_cancel_reason": word(execution.unsolicited),
        "trace_id": "",
        "commission_spread_px": Int64(0),
        "transact_trade_date": trade_day(execution.at),
        "block_trade_indicator": False,
    }


def trade_tree(trade: Trade, participant: str) -> Tree:
    """A trade as one of its participants sees it: the execution of the other side is not his and is left null."""
    aggressor, passive = (
        execution_tree(side) if side.order.request.participant == participant else None for side in trade.sides
    )
    return {
        "id": trade.id,
        "aggressor": aggressor,
        "passive": passive,
        "trade_type": word(trade.type),
        "state": word(TradeState.CLEARED),
        "reporting_counterparty": word(trade.aggressor.order.request.side),
        "text": "",
        "trade_link_id": "",
        "metadata": Entries(),
    }


def trade_day(at: datetime) -> Tree:
    """The trade day of a moment."""
    return day(trade_date(at))


def notional(order: Order, micros: int) -> int:
    """Millionths of a dollar in the units of commissions: dollars x price scale x quantity scale (page ``fees``)."""
    return micros * order.price_scale * (order.quantity_scale or 1) // MICROS


def _instructions(order: Order) -> Tree:
    asked = order.request
    return {
        "stop_price": Int64(asked.stop_price),
        "min_qty": Int64(asked.minimum),
        "all_or_none": asked.all_or_none,
        "cross_id": asked.cross_id,
        "host_cross_id": asked.host_cross_id,
        "participate_dont_initiate": asked.post_only,
        "cash_order_qty": Int64(asked.cash),
        "strict_limit": asked.strict,
        "good_till_time": moment(asked.good_till),
        "best_limit": asked.best,
        "immediately_executable_limit": asked.immediate,
        "self_match_prevention_instruction": word(asked.self_match),
    }


_NEVER_SET: Tree = {
    "parent_order_id": "",
    "commissions_basis_points": "0",
    "maker_commissions_basis_points": "0",
}
