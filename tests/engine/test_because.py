"""What a report says of a check that does not hold."""

from __future__ import annotations

from engine.world import World, playbook
from runner.reporters.lines import details

SHOWN = """\
    expected  result.firm == "x" and result.user != ""
    because   ✘ result.firm == "x"
                result.firm is "ISV-Participant-Acme"
    expected  result.raw.frm == "x"
    because   `result.raw` has no field `frm`
                it has: user, userDisplayName, firm, firmDisplayName, audience, firmType
                did you mean `firm`?
    expected  result.firm in names
    because   result.firm is "ISV-Participant-Acme"
              names is ["isv-participant-acme", "other"]
              nearest of 2 items: "isv-participant-acme"
"""

STEPS = """
  - {id: named, action: set, with: {names: [isv-participant-acme, other]}, capture: {names: result.names}}
  - id: me
    action: whoami
    expect:
    - result.firm == "x" and result.user != ""
    - result.raw.frm == "x"
    - result.firm in names
"""


def test_each_part_has_a_line(world: World) -> None:
    """Aligned behind `because`, what a part was made of below it; a field that isn't there says what is."""
    ran = world.run(playbook(STEPS))
    told = (line for line in details(ran.step("me")) if not line.startswith("    at "))
    assert "\n".join(told) + "\n" == SHOWN


def test_until_says_it_on_one_line(world: World) -> None:
    """The message of a wait that ran out keeps to its line."""
    polled = '\n  - {id: it, action: whoami, repeat: {until: \'result.firm in ["1", "2"]\', every: 1s, within: 1s}}'
    [error] = [step.finished.error for step in world.run(playbook(polled)).result.steps if step.finished]
    assert error is not None
    assert error.message == ('`until` did not come true within 1 s: result.firm is "ISV-Participant-Acme"')
