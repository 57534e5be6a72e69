"""Limits of the settings in the plan's terms."""

from __future__ import annotations

from decimal import Decimal

from runner.plan import Bound, Bounds, NameBound
from runner.plan.bounds import NAMES, NUMBERS
from runner.settings import LimitSettings, Settings


def bounds_of(settings: Settings) -> tuple[Bounds, ...]:
    """One ``Bounds`` for each place of ``pmx.yaml`` that states limits."""
    return tuple(_bounds(stated) for stated in settings.limits)


def _bounds(stated: LimitSettings) -> Bounds:
    numbers = {name: getattr(stated, name) for name in NUMBERS}
    names = {name: getattr(stated, name) for name in NAMES}
    return Bounds(
        {name: Bound(name, Decimal(each.value), each.origin) for name, each in numbers.items() if each is not None},
        tuple(NameBound(name, each.value, each.origin) for name, each in names.items() if each is not None),
    )
