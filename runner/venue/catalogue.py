"""Reference data seen within ten minutes: what an instrument's scales, tick and limits are, without asking again.

They come from the venue or are not known; nothing here guesses. What was read is remembered between processes, since a
firm may list instruments six times a minute. Source: docs.polymarket.us, trader-guide/rate-limits and
institutional/refdata/overview (which advises keeping them for 5 to 15 minutes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol

from runner.venue.model import Instrument

if TYPE_CHECKING:
    from runner.clock import Clock

FRESH_SECONDS = 600.0
"""For how long reference data are used without reading them again."""

_MOST_KEPT = 2000


class InstrumentMemory(Protocol):
    """Where reference data are kept between processes, for one exchange and firm."""

    def recall(self) -> Mapping[str, Any]:
        """What was kept, as plain data by symbol; empty if nothing can be read."""
        ...

    def keep(self, entries: Mapping[str, Any]) -> None:
        """Keep this and nothing else."""
        ...


class Catalogue:
    """The instruments that this run, or one shortly before it, has read.

    Ages are told by the wall clock, which goes on while a machine sleeps; an entry from the future is not used.
    """

    def __init__(self, clock: Clock, memory: InstrumentMemory | None = None) -> None:
        self._clock = clock
        self._memory = memory
        self._known: dict[str, tuple[float, Instrument]] = {}
        self._recalled: Mapping[str, Any] | None = None

    def find(self, symbol: str) -> Instrument | None:
        """The instrument as it was read within ten minutes, None if it was not."""
        if symbol not in self._known:
            self._recall(symbol)
        known = self._known.get(symbol)
        return known[1] if known is not None and self._fresh(known[0]) else None

    def learn(self, instruments: Iterable[Instrument]) -> None:
        """The venue has just told of these."""
        now = self._clock.now().timestamp()
        learned = {each.symbol: (now, each) for each in instruments}
        self._known |= learned
        if self._memory is not None and learned:
            kept = {name: entry for name, entry in self._memory.recall().items() if self._fresh(_age(entry))}
            entries = kept | {name: [now, _written(each)] for name, (_, each) in learned.items()}
            self._memory.keep(dict(list(entries.items())[-_MOST_KEPT:]))

    def _recall(self, symbol: str) -> None:
        """Take an entry from memory; one that can't be read is as good as none."""
        if self._recalled is None:
            self._recalled = self._memory.recall() if self._memory is not None else {}
        entry: Any = self._recalled.get(symbol)
        try:
            read_at, values = entry
            self._known[symbol] = (float(read_at), _read(symbol, values))
        except (TypeError, ValueError, KeyError, AttributeError, InvalidOperation):
            return

    def _fresh(self, read_at: float) -> bool:
        return 0 <= self._clock.now().timestamp() - read_at < FRESH_SECONDS


def _age(entry: Any) -> float:
    """When an entry was read; long ago if it does not say."""
    try:
        return float(entry[0])
    except (TypeError, ValueError, LookupError):
        return 0.0


def _written(instrument: Instrument) -> dict[str, Any]:
    plain = instrument.plain()
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()}


def _read(symbol: str, values: Any) -> Instrument:
    """An instrument as it was written; raises what a wrong type or value raises."""
    price_scale, quantity_scale = int(values["price_scale"]), int(values["quantity_scale"])
    if values["symbol"] != symbol or price_scale <= 0 or quantity_scale <= 0:
        raise ValueError(symbol)
    expires_on = values["expires_on"]
    return Instrument(
        symbol=symbol,
        description=str(values["description"]),
        state=str(values["state"]),
        price_scale=price_scale,
        quantity_scale=quantity_scale,
        tick_size=_number(values["tick_size"]),
        minimum_quantity=_number(values["minimum_quantity"]),
        price_low=_maybe(values["price_low"]),
        price_high=_maybe(values["price_high"]),
        tradable=values["tradable"] is True,
        expires_on=None if expires_on is None else date.fromisoformat(expires_on),
        metadata={str(name): str(value) for name, value in values["metadata"].items()},
    )


def _number(text: Any) -> Decimal:
    if not isinstance(text, str):
        raise TypeError(text)
    return Decimal(text)


def _maybe(text: Any) -> Decimal | None:
    return None if text is None else _number(text)
