"""What the fault matrix is made of: lives of orders with the calls of each, and the faults that may meet a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from runner.frozen import frozen

_HERE = Path(__file__).parent
_TOKEN = "POST /oauth/token"
_START, _STATUS = "POST /v1/kyc/start", "GET /v1/kyc/status"
_INSTRUMENT = "POST /v1/refdata/instruments"
INSERT = "POST /v1/trading/orders"
REPLACE = "POST /v1/trading/orders/replace"
CANCEL = "POST /v1/trading/orders/cancel"
_CANCEL_LIST = "POST /v1/trading/orders/cancel/list"
_OPEN = "GET /v1/trading/orders/open"
_SEARCH = "POST /v1/report/orders/search"

ENTERS = frozenset({INSERT, REPLACE})
"""What must never be sent twice."""
_CANCELS = frozenset({CANCEL, _CANCEL_LIST})
_READS = frozenset({_OPEN, _SEARCH})

_STORM, _OUTAGE = 3, 500
_MANY = {"from here on": _OUTAGE, "storm": _STORM}


@frozen
class Fault:
    """What strikes a call, as the control port takes it; ``at`` are the operations that it is about, empty for all."""

    settings: Mapping[str, object]
    at: frozenset[str] = frozenset()


FAULTS: Mapping[str, Fault] = {
    "no answer, not done": Fault({"fault": "no_answer", "commit": "before"}),
    "no answer, done": Fault({"fault": "no_answer", "commit": "after"}),
    "delay past the limit, then done": Fault({"fault": "delay", "seconds": 1.15, "commit": "before"}),
    "delay past the limit, done at once": Fault({"fault": "delay", "seconds": 1.15, "commit": "after"}),
    "slow drip": Fault({"fault": "drip", "bytes_per_second": 20}),
    "401": Fault({"fault": "status", "status": 401}),
    "429": Fault({"fault": "status", "status": 429}),
    "429, come back in 1 s": Fault({"fault": "status", "status": 429, "retry_after": 1}),
    "429 storm": Fault({"fault": "status", "status": 429, "retry_after": 0}),
    "464": Fault({"fault": "status", "status": 464}),
    "500, not done": Fault({"fault": "status", "status": 500}),
    "500, done": Fault({"fault": "status", "status": 500, "commit": "after"}),
    "502, done": Fault({"fault": "status", "status": 502, "commit": "after"}),
    "503, not done": Fault({"fault": "status", "status": 503}),
    "504, done": Fault({"fault": "status", "status": 504, "commit": "after"}),
    "redirect": Fault({"fault": "redirect", "location": "http://127.0.0.1:1/"}),
    "reset mid-body": Fault({"fault": "reset"}),
    "truncated JSON": Fault({"fault": "truncated"}),
    "garbage": Fault({"fault": "garbage"}),
    "huge": Fault({"fault": "huge"}),
    "late reject": Fault({"fault": "late_reject"}, ENTERS),
    "latency stopgap": Fault({"fault": "latency_stopgap"}, ENTERS),
    "fill during cancel": Fault({"fault": "fill_during_cancel"}, _CANCELS),
    "part fill during cancel": Fault({"fault": "fill_during_cancel", "quantity": 1}, _CANCELS),
    "stale read": Fault({"fault": "stale_read", "seconds": 30}, _READS),
    "halt": Fault({"fault": "halt"}),
    "maintenance": Fault({"fault": "maintenance"}),
    "clock skew": Fault({"fault": "clock_skew", "seconds": -90}),
    # A token's or a deposit's second answer may or may not overtake the look-up that follows, which then fails.
    "duplicate answer": Fault(
        {"fault": "duplicate_answer"}, ENTERS | _CANCELS | _READS | {_INSTRUMENT, _START, _STATUS}
    ),
    "no answer, not done, from here on": Fault({"fault": "no_answer", "commit": "before"}),
    "no answer, done, from here on": Fault({"fault": "no_answer", "commit": "after"}),
    "503 from here on": Fault({"fault": "status", "status": 503}),
}
DISK = "journal full"
LATE = ", resumed late"
"""``resume`` comes when it may only settle and clean up."""


@frozen
class Life:
    """A playbook of orders: its calls when nothing goes wrong, each with its operation, and its journal's writes."""

    name: str
    about: str
    calls: Mapping[str, str]
    writes: int

    @property
    def playbook(self) -> Path:
        """Where it is written."""
        return _HERE / "playbooks" / f"{self.name}.yaml"

    @property
    def table(self) -> Path:
        """Where it is written what becomes of it."""
        return _HERE / "fault_matrix" / f"{self.name}.txt"

    def cells(self) -> list[str]:
        """Each fault at each call that it makes sense at, and a disk that is full from each write on."""
        return [f"{fault}@{call}" for fault in FAULTS for call in self._struck(FAULTS[fault])] + [
            f"{DISK}{when}@write {number}" for when in ("", LATE) for number in range(1, self.writes + 1)
        ]

    def fault(self, name: str, call: str, symbol: str) -> dict[str, object]:
        """What to arm so that a call meets a fault, and those after it where the fault lasts."""
        first = [*self.calls].index(call) + 1
        count = next((count for words, count in _MANY.items() if name.endswith(words)), 1)
        settings = dict(FAULTS[name].settings)
        if settings["fault"] == "halt":
            settings["symbol"] = symbol
        return {**settings, "operation": "*", "calls": [*range(first, first + count)]}

    def _struck(self, fault: Fault) -> Iterator[str]:
        return (call for call, operation in self.calls.items() if not fault.at or operation in fault.at)


LIVES = {
    life.name: life
    for life in (
        Life(
            "placed-checked-cancelled",
            "an order that is placed, checked and cancelled",
            {
                "token": _TOKEN,
                "instrument": _INSTRUMENT,
                "insert": INSERT,
                "read back": _OPEN,
                "check": _OPEN,
                "cancel": CANCEL,
                "read on": _OPEN,
                "search": _SEARCH,
            },
            writes=8,
        ),
        Life(
            "placed-replaced-cancelled",
            "an order that is placed, replaced (price and quantity) and cancelled",
            {
                "token": _TOKEN,
                "instrument": _INSTRUMENT,
                "insert": INSERT,
                "read back": _OPEN,
                "read before": _OPEN,
                "replace": REPLACE,
                "read after": _OPEN,
                "cancel": CANCEL,
                "read on": _OPEN,
                "search": _SEARCH,
            },
            writes=12,
        ),
        Life(
            "placed-cancelled-by-list",
            "two orders that are placed one after the other and cancelled by one list",
            {
                "token": _TOKEN,
                "instrument": _INSTRUMENT,
                "insert 1": INSERT,
                "read back 1": _OPEN,
                "insert 2": INSERT,
                "read back 2": _OPEN,
                "list": _OPEN,
                "cancel list": _CANCEL_LIST,
                "list again": _OPEN,
                "read on 1": _OPEN,
                "search 1": _SEARCH,
                "read on 2": _OPEN,
                "search 2": _SEARCH,
            },
            writes=12,
        ),
        Life(
            "placed-for-a-user",
            "an order of a new user, whose account is funded first, that is placed, checked and cancelled",
            {
                "token": _TOKEN,
                "start": _START,
                "status": _STATUS,
                "fund": "POST /sandbox/accounts/fund",
                "instrument": _INSTRUMENT,
                "insert": INSERT,
                "read back": _OPEN,
                "check": _OPEN,
                "cancel": CANCEL,
                "read on": _OPEN,
                "search": _SEARCH,
            },
            writes=13,
        ),
    )
}
