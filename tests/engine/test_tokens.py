"""Tokens through a run that outlives many of them."""

from __future__ import annotations

from itertools import pairwise

from engine.conftest import Worlds
from engine.exchange import OPEN, TOKEN, WHOAMI
from engine.world import ORDER, playbook
from runner.record.events import CallMade


def test_tokens_of_three_seconds(worlds: Worlds) -> None:
    """Through 30 s of steps the exchange refuses no token, and none is fetched as long as another one is good."""
    steps = "".join(
        f"  - {{id: pause{at}, action: wait, with: {{for: 400ms}}}}\n  - {{id: me{at}, action: whoami}}\n"
        for at in range(75)
    )
    world = worlds(token_lifetime=3)
    ran = world.run(playbook(ORDER.lstrip("\n") + steps))
    assert ran.exit_code == 0
    assert not [each for each in ran.of(CallMade) if each.status == 401]
    assert world.wire.count(WHOAMI) == 75
    fetched = [each.at for each in world.wire.of(TOKEN)]
    assert fetched[-1] - fetched[0] > 26
    assert all(later - earlier >= 2 for earlier, later in pairwise(fetched))
    assert world.wire.count(OPEN) > 0
