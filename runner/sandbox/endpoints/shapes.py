"""Orders and executions as trees, every documented field with its default."""

from __future__ import annotations

from runner.sandbox.exchange.orders import Execution, Order
from runner.sandbox.gateway.wire import Entries, Int64, Tree, moment, word


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
        **_unused_instructions(),
        **asked.labels,
    }


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
        "commission_notional_collected": Int64(0),
        "unsolicited_cancel_reason": "UNSOLICITED_CXL_REASON_UNDEFINED",
        "trace_id": "",
        "commission_spread_px": Int64(0),
        "transact_trade_date": None,
        "block_trade_indicator": False,
    }


def _unused_instructions() -> Tree:
    """The fields of instructions and charges that no order here carries, as their defaults."""
    return {
        "stop_price": Int64(0),
        "min_qty": Int64(0),
        "all_or_none": False,
        "cross_id": "",
        "host_cross_id": "",
        "parent_order_id": "",
        "commissions_basis_points": "0",
        "participate_dont_initiate": False,
        "cash_order_qty": Int64(0),
        "strict_limit": False,
        "good_till_time": None,
        "best_limit": False,
        "immediately_executable_limit": False,
        "commission_notional_total_collected": Int64(0),
        "self_match_prevention_instruction": "SELF_MATCH_PREVENTION_INSTRUCTION_UNDEFINED",
        "ignore_price_validity_checks": False,
        "maker_commissions_basis_points": "0",
    }
