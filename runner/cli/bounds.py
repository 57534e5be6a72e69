"""Limits of the settings in the plan's terms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from runner.plan import Bound, Bounds, NameBound
from runner.plan.bounds import NAMES, NUMBERS
from runner.settings import LimitSettings, Setting, Settings


def bounds_of(settings: Settings) -> tuple[Bounds, ...]:
    """One ``Bounds`` for each place of ``pmx.yaml`` that states limits."""
    return tuple(_bounds(stated) for stated in settings.limits)


def _bounds(limits: LimitSettings) -> Bounds:
    stated: dict[str, Setting[Any]] = {key.removeprefix("limits."): setting for key, setting in limits.shown()}
    return Bounds(
        {name: Bound(name, Decimal(each.value), each.origin) for name in NUMBERS if (each := stated.get(name))},
        tuple(NameBound(name, each.value, each.origin) for name in NAMES if (each := stated.get(name))),
    )
