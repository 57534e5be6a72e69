"""Orders that may have left and whose fate nobody knows are looked for: before a run is taken up, and at its end."""

from __future__ import annotations

import contextlib

from runner.actions.orders.lookup import find_order, reconcile
from runner.clock import Deadline
from runner.engine.context import Standing, StepContext
from runner.engine.steps import Steps
from runner.engine.world import World
from runner.errors import PmxError
from runner.record.events import OrderIntended, OrderLost


def settle_doubts(world: World, steps: Steps) -> None:
    """Look for the orders of steps that came to their end in doubt; those still under way are settled by going on."""
    for intended in tuple(world.ledger.intended.values()):
        if world.ledger.known(intended.clord_id):
            continue
        if not world.recorder.begun(intended.path):
            if world.going != "on":
                world.tell(OrderLost(intended.path, intended.clord_id, "not_sent"))
        elif intended.path in world.ended:
            _look_for(world, steps, intended)


def look_again(world: World, steps: Steps) -> None:
    """At a run's end: look for orders that a step sent and was kept from reading.

    Those given up as in doubt are looked for once more only where that was in an earlier process.
    """
    given_up = {doubt.clord_id for doubt in world.in_doubt}
    for intended in tuple(world.ledger.intended.values()):
        if intended.clord_id not in given_up and not world.ledger.known(intended.clord_id):
            _look_for(world, steps, intended)
    for intended in filter(None, map(world.ledger.order, given_up if world.recorder.earlier else ())):
        with contextlib.suppress(PmxError):
            find_order(_context(world, steps, intended), intended.clord_id, intended.symbol)


def _look_for(world: World, steps: Steps, intended: OrderIntended) -> None:
    with contextlib.suppress(PmxError):
        reconcile(_context(world, steps, intended), intended.clord_id, intended.symbol)


def _context(world: World, steps: Steps, intended: OrderIntended) -> StepContext:
    standing = Standing(
        path=intended.path,
        step=intended.path,
        scope=steps.scope,
        participant=intended.participant,
        account=intended.account,
        is_cleanup=True,
        steadfast=True,
        counted=False,
    )
    return StepContext(world, standing, Deadline(world.services.clock, world.services.reconcile_window))
