"""Settings as plain data: each value together with the place it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from runner.diagnostic import Diagnostic
from runner.frozen import frozen
from runner.redact import Secret
from runner.settings.channels import Channel
from runner.source import Source, Span

if TYPE_CHECKING:
    from runner.schedule.model import Schedule

_KEYS = {"participant": "participant_id", "marked_production": "production"}
BUILT_IN = "built in"
EMBEDDED = "embedded exchange"
T_co = TypeVar("T_co", covariant=True)
Plain = str | int | bool | Decimal | tuple[str, ...] | tuple[Channel, ...]


@frozen
class Setting(Generic[T_co]):
    """A value and where it came from, as a person would say it.

    ``origin`` reads like ``built in``, ``pmx.yaml:7:13``, ``environment variable PMX_BASE_URL`` or ``--participant``;
    ``span`` is the place in ``pmx.yaml``, if it came from there.
    """

    value: T_co
    origin: str = BUILT_IN
    span: Span | None = None


@frozen
class ConfigFile:
    """A ``pmx.yaml`` that was read and checked.

    Keys are the page's, those of ``limits``, ``pins`` and ``rates`` with dots (``limits.per_day.orders``); ``top``
    holds what stands at the top, ``environments`` what stands under each name. Relative paths start at ``folder``.
    """

    source: Source
    folder: Path
    top: Mapping[str, Setting[Plain]] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, Setting[Plain]]] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)


@frozen
class Options:
    """What the command line said of the settings; None where it said nothing.

    ``signing`` is whether something of the run will be signed, with the private key that is given.
    """

    environment: str | None = None
    participant: str | None = None
    account: str | None = None
    state_dir: str | None = None
    signing: bool = False


@frozen
class LimitSettings:
    """Limits stated in one place of ``pmx.yaml``; None is "no limit stated here".

    ``exposure`` and ``order_exposure`` in dollars, ``order_quantity`` in contracts, ``orders`` and ``requests``
    counts, ``symbols`` shell patterns, ``environments`` names. Those of ``per_day`` hold for all runs of a trade day.
    """

    orders: Setting[int] | None = None
    exposure: Setting[Decimal] | None = None
    order_exposure: Setting[Decimal] | None = None
    order_quantity: Setting[Decimal] | None = None
    requests: Setting[int] | None = None
    per_day_orders: Setting[int] | None = None
    per_day_exposure: Setting[Decimal] | None = None
    symbols: Setting[tuple[str, ...]] | None = None
    environments: Setting[tuple[str, ...]] | None = None

    def shown(self) -> Iterator[tuple[str, Setting[object]]]:
        """Each limit that is stated, by its key."""
        for key, name in LIMIT_KEYS.items():
            value = getattr(self, name)
            if value is not None:
                yield key, value


LIMIT_KEYS = {f"limits.{each.name.replace('per_day_', 'per_day.')}": each.name for each in fields(LimitSettings)}


@frozen
class PinSettings:
    """Who may be acted as in an environment, in lists; None is "not pinned"."""

    client_ids: Setting[tuple[str, ...]] | None = None
    key_fingerprints: Setting[tuple[str, ...]] | None = None
    firms: Setting[tuple[str, ...]] | None = None
    participants: Setting[tuple[str, ...]] | None = None


@frozen
class Settings:
    """All that a run needs to know about where and as whom it acts.

    ``base_url`` is None as long as the embedded exchange is to be used and has not been started
    (``with_embedded`` fills it in). ``private_key`` is the path of a PEM file or the PEM itself; ``own_key`` is the
    partner's where the embedded exchange has keys of its own: it signs evidence and nothing else.
    ``auth_url`` is the whole token URL. ``reconcile_window`` and ``resume_within`` in seconds,
    ``retention`` in days. ``state_dir`` is None for the platform's own.
    ``named`` says whether ``--env`` or ``PMX_ENV`` named the environment. ``limits`` holds each place that states
    any: the strictest wins. ``rates`` are sizes of the venue's buckets by operation, such as ``12/min`` or ``off``; the
    environment's win over those at the top. So does its ``notify``: an empty list tells nobody. ``schedules`` are all
    that the file has, of whatever environment.
    """

    environment: Setting[str]
    reconcile_window: Setting[Decimal]
    resume_within: Setting[Decimal]
    retention: Setting[int]
    named: bool = False
    base_url: Setting[str] | None = None
    auth_url: Setting[str] | None = None
    audience: Setting[str] | None = None
    client_id: Setting[str] | None = None
    private_key: Setting[Path | Secret] | None = None
    own_key: Setting[Path | Secret] | None = None
    participant: Setting[str] | None = None
    account: Setting[str] | None = None
    marked_production: Setting[bool] | None = None
    ca_bundle: Setting[Path] | None = None
    state_dir: Setting[Path] | None = None
    limits: tuple[LimitSettings, ...] = ()
    rates: Mapping[str, Setting[str]] = field(default_factory=dict)
    pins: PinSettings = PinSettings()
    notify: Setting[tuple[Channel, ...]] | None = None
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    config: Path | None = None
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def embedded(self) -> bool:
        """Whether the embedded exchange has to be started for these settings."""
        return self.base_url is None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What no output may show."""
        keys = (self.private_key, self.own_key)
        return tuple(key.value for key in keys if key is not None and isinstance(key.value, Secret))

    def shown(self) -> Iterator[tuple[str, Setting[object]]]:
        """Each setting that has a value, by its key, for people; limits, pins and rates as ``limits.<name>``."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Setting):
                yield _KEYS.get(each.name, each.name), value
        for stated in self.limits:
            yield from stated.shown()
        yield from self._shown_pins()
        yield from ((f"rates.{name}", setting) for name, setting in self.rates.items())
        for name, schedule in self.schedules.items():
            span = schedule.place("")
            yield f"schedules.{name}", Setting(str(schedule), str(span), span)

    def _shown_pins(self) -> Iterator[tuple[str, Setting[object]]]:
        for each in fields(self.pins):
            value = getattr(self.pins, each.name)
            if value is not None:
                yield f"pins.{each.name}", value
