"""Playbooks of a thousand steps, written by a program."""

from __future__ import annotations

from pathlib import Path

_WHOAMI = """\
  - id: me_{n}
    action: whoami
    expect:
      - result.firm_type == "FIRM_TYPE_PARTICIPANT"
    capture:
      user_{n}: result.user
"""

_MIXED = (
    """\
  - id: balance_{n}
    title: Check the balance, time {n}
    action: check_balance
    expect:
      - result.buying_power >= inputs.price * inputs.quantity
      - {{check: result.balance > 0, severity: advisory}}
    capture:
      power_{n}: result.buying_power
""",
    """\
  - id: listed_{n}
    title: List what can be traded, time {n}
    action: list_instruments
    with: {{tradable_filter: tradable, limit: 5, symbols: "{{{{ [inputs.symbol] if inputs.symbol else [] }}}}"}}
    expect:
      - result.instruments | length > 0
    capture:
      chosen_{n}: result.instruments[0]
""",
    """\
  - id: order_{n}
    title: Place an order, time {n}
    action: place_order
    with:
      symbol: "{{{{ inputs.symbol }}}}"
      side: buy
      price: "{{{{ inputs.price }}}}"
      quantity: "{{{{ inputs.quantity }}}}"
    capture:
      order_{n}_id: result.order.id
    cleanup:
      action: cancel_order
      with: {{order_id: "{{{{ order_{n}_id }}}}", symbol: "{{{{ inputs.symbol }}}}"}}
""",
    """\
  - id: found_{n}
    title: Find open orders, time {n}
    action: search_orders
    with: {{symbol: "{{{{ inputs.symbol }}}}", state_filter: open}}
    repeat: {{until: 'result.orders | map(attribute="id") | list | length > 0', every: 5s, within: 60s}}
""",
)

_INPUTS = """\
inputs:
  symbol: {type: string, default: ""}
  quantity: {type: decimal, default: 1}
  price: {type: decimal, default: 0.01}
"""


def whoami(folder: Path, steps: int) -> Path:
    """As many ``whoami`` steps, each with a check and a capture."""
    written = "".join(_WHOAMI.format(n=n) for n in range(steps))
    return _saved(folder / f"whoami-{steps}.yaml", f"version: 1\nname: whoami-{steps}\nsteps:\n{written}")


def mixed(folder: Path, steps: int) -> Path:
    """Steps of four kinds in turn, with checks, captures, templates and cleanups: some 245 bytes a step."""
    written = "".join(_MIXED[n % len(_MIXED)].format(n=n) for n in range(steps))
    return _saved(folder / f"mixed-{steps}.yaml", f"version: 1\nname: mixed-{steps}\n{_INPUTS}steps:\n{written}")


def _saved(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
