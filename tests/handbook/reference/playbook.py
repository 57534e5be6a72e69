"""The page of all keys of a playbook, from its schema."""

from __future__ import annotations

import json

from handbook.blocks import ROOT
from handbook.reference.writing import Schemas, fence, page, table

HEAD = ("key", "value", "meaning")
SECTIONS = {
    "input": ("An input", "Below `inputs`, by its name."),
    "limits": ("Limits", "Below `limits`; also in [`pmx.yaml`](settings.md). Of several the strictest counts."),
    "per_day": ("Limits of a day", "Below `limits.per_day`; a day is the exchange's trade day."),
    "defaults": ("Defaults", "Below `defaults`."),
    "step": ("A step", "In `steps` and in `finally`."),
    "expectation": ("An expectation", "In a step's `expect`: an expression alone, or these keys."),
    "retry": ("Retry", "A step's `retry`; reads are tried three times without it."),
    "repeat": ("Repeat", "A step's `repeat`: poll until something holds."),
    "cleanup_step": ("A cleanup", "A step's `cleanup`: one of these, or a list of them."),
}
EXAMPLES = {
    "": """\
version: 1
name: balance
steps:
  - id: money
    action: check_balance
    expect:
      - result.buying_power >= 10
""",
    "input": """\
inputs:
  price: {type: decimal, default: 0.01, minimum: 0.01, maximum: 0.99, description: Dollars}
  api_note: {type: string, secret: true, description: Handed in by PMX_INPUT_API_NOTE}
""",
    "limits": """\
limits:
  orders: 2
  exposure: 5.00
  symbols: ["tec-*"]
  environments: [sandbox, preprod]
""",
    "defaults": """\
defaults:
  on_failure: continue # a checklist: every step is tried
  timeout: 20s
""",
    "step": """\
- id: prices
  title: Look at the best prices
  action: get_best_prices
  with: {symbol: "{{ chosen.symbol }}"}
  when: chosen.tradable
  timeout: 10s
  capture: {best: result.offer}
  on_failure: continue
""",
    "expectation": """\
- id: health
  action: check_health
  expect:
    - check: call.duration_ms < 2000
      title: The exchange answers within two seconds
      severity: advisory
      help: Ask the exchange whether it is busy.
""",
    "retry": """\
- id: me
  action: whoami
  retry: {attempts: 5, backoff: 2s, on: [unreachable, server_error]}
""",
    "repeat": """\
- id: seen
  action: list_open_orders
  repeat: {until: 'order_id in result.orders | map(attribute="id")', every: 5s, within: 60s}
""",
    "cleanup_step": """\
- id: order
  action: place_order
  with: {symbol: "{{ chosen.symbol }}", side: buy, price: 0.01, quantity: 1}
  capture: {made: result.order.id}
  cleanup:
    action: cancel_order
    with: {order_id: "{{ made }}", symbol: "{{ chosen.symbol }}"}
""",
}


def text() -> str:
    """The page."""
    whole = json.loads((ROOT / "schemas/playbook.schema.json").read_text(encoding="utf-8"))
    schemas, parts = Schemas(whole), [table(HEAD, Schemas(whole).rows(whole)), fence("yaml", EXAMPLES[""])]
    definitions = {"per_day": whole["$defs"]["limits"]["properties"]["per_day"], **whole["$defs"]}
    for name, (title, told) in SECTIONS.items():
        schema = definitions[name]
        schema = next((each for each in schema.get("anyOf", ()) if "properties" in each), schema)
        parts += [f"## {title}", told, table(HEAD, schemas.rows(schema))]
        parts += [fence("yaml", EXAMPLES[name])] if name in EXAMPLES else []
    first = (
        "Every key there is. The tutorial shows [how they go together](../tutorial.md); what a value in `with` or an\n"
    )
    first += (
        "expression may hold is on [a page of its own](expressions.md), what a step can do on [another](actions.md)."
    )
    return page("Playbook keys", first, *parts)
