"""``/openapi.json``: the table of operations and the published contract, put together as one OpenAPI document.

The contract is JSON Schema, one file a family of operations, with ``<operation>_request`` and ``<operation>_answer``
among its definitions. It describes the published dialect.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from runner.sandbox.gateway.message import Answer, json_answer
from runner.sandbox.gateway.routing import Route

DOCUMENT_PATH = "/openapi.json"
_PACKAGE = Path(__file__).parents[2]
_FOLDERS = (_PACKAGE / "schemas" / "venue", _PACKAGE.parent / "schemas" / "venue")
_ENDING = ".schema.json"
_JSON = "application/json"

NAMES: Mapping[str, str] = {
    "GET /v1/health": "health",
    "GET /v1/whoami": "whoami",
    "GET /v1/users": "users",
    "GET /v1/accounts": "accounts",
    "POST /v1/refdata/instruments": "instruments",
    "POST /v1/refdata/symbols": "symbols",
    "POST /v1/refdata/metadata": "metadata",
    "GET /v1/orderbook/{symbol}": "order_book",
    "GET /v1/orderbook/{symbol}/bbo": "best_prices",
    "GET /v1/instruments/{symbol}/settlement": "settlement",
    "POST /v1/trading/orders": "insert_order",
    "POST /v1/trading/orders/list": "insert_orders",
    "POST /v1/trading/orders/cross": "insert_cross",
    "POST /v1/trading/orders/preview": "preview_order",
    "POST /v1/trading/orders/replace": "replace_order",
    "POST /v1/trading/orders/replace/list": "replace_orders",
    "POST /v1/trading/orders/cancel": "cancel_order",
    "POST /v1/trading/orders/cancel/list": "cancel_orders",
    "GET /v1/trading/orders/open": "open_orders",
    "POST /v1/report/orders/search": "search_orders",
    "POST /v1/report/executions/search": "search_executions",
    "POST /v1/report/trades/search": "search_trades",
    "POST /v1/report/orders/csv": "orders_csv",
    "POST /v1/report/executions/csv": "executions_csv",
    "POST /v1/report/trades/csv": "trades_csv",
    "POST /v1/report/trades/stats": "trade_stats",
    "GET /v1/positions": "positions",
    "POST /v1/positions/balance": "balance",
    "POST /v1/positions/balances": "balances",
    "GET /v1/positions/ledger": "position_ledger",
    "GET /v1/positions/ledger/download": "position_ledger_download",
    "GET /v1/funding/balance-ledger": "balance_ledger",
    "GET /v1/funding/balance-ledger/download": "balance_ledger_download",
    "GET /v1/incentives": "incentives",
    "GET /v1/incentives/earnings": "incentive_earnings",
    "POST /v1/kyc/start": "kyc_start",
    "GET /v1/kyc/status": "kyc_status",
    "POST /v1/kyc/webhook": "kyc_webhook",
    "POST /v1/kyc/prefill": "kyc_prefill",
    "POST /v1/kyc/prefill/otp": "kyc_prefill_otp",
}
"""The contract's name of each operation."""

Json = dict[str, Any]


class Document:
    """The document, made when it is first asked for."""

    def __init__(self, routes: Iterable[Route], base_url: str) -> None:
        self._routes = tuple(routes)
        self._base_url = base_url

    def answer(self) -> Answer:
        """The document as an answer."""
        return json_answer(200, self.tree)

    @cached_property
    def tree(self) -> Json:
        """The document as JSON values. Raises FileNotFoundError if the contract is not installed."""
        schemas = _definitions(_contract_folder())
        paths: dict[str, Json] = {}
        for route in self._routes:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
        return {
            "openapi": "3.1.0",
            "info": {"title": "Polymarket US sandbox exchange", "version": "1"},
            "servers": [{"url": self._base_url}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }


def _contract_folder() -> Path:
    """Inside an installed package, or beside it in a checkout."""
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise FileNotFoundError("schemas/venue")


def _definitions(folder: Path) -> Json:
    """All definitions of all files, each under ``<file>.<definition>``."""
    found: Json = {}
    for path in sorted(folder.glob(f"*{_ENDING}")):
        stem = path.name.removesuffix(_ENDING)
        for name, schema in json.loads(path.read_text(encoding="utf-8")).get("$defs", {}).items():
            found[f"{stem}.{name}"] = _with_inner_references(schema, stem)
    return found


def _with_inner_references(value: Any, stem: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _inner_reference(inner, stem) if key == "$ref" else _with_inner_references(inner, stem)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_with_inner_references(inner, stem) for inner in value]
    return value


def _inner_reference(reference: str, stem: str) -> str:
    file, _, name = reference.partition("#/$defs/")
    return f"#/components/schemas/{file.removesuffix(_ENDING) or stem}.{name}"


def _operation(route: Route, schemas: Json) -> Json:
    name = NAMES[route.operation]
    request, answer = _named(schemas, f"{name}_request"), _named(schemas, f"{name}_answer")
    described: Json = {
        "operationId": name,
        "parameters": [*_captures(route), *_participant(route)],
        "responses": {
            "200": {"description": "Done, or taken", "content": {_JSON: {"schema": _reference(answer)}}},
            "default": {"description": "Refused", "content": {_JSON: {"schema": _reference("error.error")}}},
        },
        "security": [{"bearer": []}] if route.scope else [],
    }
    if route.method == "GET":
        described["parameters"] += _query(schemas[request], route)
    else:
        described["requestBody"] = {"required": True, "content": {_JSON: {"schema": _reference(request)}}}
    return described


def _named(schemas: Json, definition: str) -> str:
    return next(key for key in schemas if key.endswith(f".{definition}"))


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _captures(route: Route) -> list[Json]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _participant(route: Route) -> list[Json]:
    if not route.scope:
        return []
    needed = route.needs_participant
    return [{"name": "x-participant-id", "in": "header", "required": needed, "schema": {"type": "string"}}]


def _query(schema: Json, route: Route) -> list[Json]:
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": kind}
        for name, kind in schema.get("properties", {}).items()
        if f"{{{name}}}" not in route.path
    ]
