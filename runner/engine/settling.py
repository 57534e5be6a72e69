"""What may have left and whose fate nobody knows is looked for: before a run is taken up, and at its end."""

from __future__ import annotations

import contextlib

from runner.actions.orders.deciding import Sent, decided, reconcile_replace
from runner.actions.orders.lookup import Placed, find_order, read_order, reconcile, settled
from runner.clock import Deadline
from runner.engine.context import Standing, StepContext
from runner.engine.steps import Steps
from runner.engine.world import World
from runner.errors import PmxError
from runner.record.events import Intent, ReplaceIntended


def settle_doubts(world: World, steps: Steps) -> None:
    """Look for what steps sent that came to their end in doubt; those still under way are settled by going on."""
    for intended in tuple(world.ledger.intended.values()):
        if world.ledger.known(intended.clord_id):
            continue
        if not world.recorder.begun(intended.path):
            if world.going != "on":
                _context(world, steps, intended).lost(intended.clord_id, "not_sent")
        elif intended.path in world.ended:
            _look_for(world, steps, intended)


def look_again(world: World, steps: Steps) -> None:
    """At a run's end: look for what a step sent and was kept from reading.

    Those given up as in doubt are looked for once more only where that was in an earlier process.
    """
    given_up = {doubt.clord_id for doubt in world.in_doubt}
    for intended in tuple(world.ledger.intended.values()):
        if intended.clord_id not in given_up and not world.ledger.known(intended.clord_id):
            _look_for(world, steps, intended)
    for clord_id in given_up if world.recorder.earlier else ():
        doubtful = world.ledger.intent(clord_id)
        with contextlib.suppress(PmxError):
            if doubtful is not None:
                _find(world, steps, doubtful)


def _find(world: World, steps: Steps, intended: Intent) -> None:
    """One look: by the id that the venue told, else by the client order id."""
    context, seen = _context(world, steps, intended), world.ledger.seen(intended.clord_id)
    if seen is not None:
        read_order(context, seen.order_id, intended.symbol)
    if not world.ledger.known(intended.clord_id):
        find_order(context, intended.clord_id, intended.symbol)


def _look_for(world: World, steps: Steps, intended: Intent) -> None:
    """An order that was seen before is read by its id: a replace may have given it another client order id."""
    context = _context(world, steps, intended)
    clord_id, symbol, seen = intended.clord_id, intended.symbol, world.ledger.seen(intended.clord_id)
    with contextlib.suppress(PmxError):
        if isinstance(intended, ReplaceIntended):
            order_id = context.order_id_now(intended.order_id)
            reconcile_replace(context, sent := Sent(order_id, symbol, clord_id, intended.body))
            decided(context, sent, world.services.reconcile_window)
        elif seen is not None:
            settled(context, Placed(seen.order_id, clord_id, symbol), world.services.reconcile_window)
        else:
            reconcile(context, clord_id, symbol)


def _context(world: World, steps: Steps, intended: Intent) -> StepContext:
    standing = Standing(
        path=intended.path,
        step=intended.path,
        scope=steps.scope,
        participant=intended.participant,
        account=intended.account,
        guards=world.guards,
        allow_hosts=world.allow_hosts,
        is_cleanup=True,
        steadfast=True,
        counted=False,
    )
    return StepContext(world, standing, Deadline(world.services.clock, world.services.reconcile_window))
