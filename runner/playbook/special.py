"""What can't be asked of two actions that the engine performs in its own way: ``run_playbook`` and ``confirm``.

::

    error: `concurrency` on `run_playbook`
     --> playbooks/all.yaml:9:18
      |
    9 |     concurrency: 2
      |                  ^ playbooks are performed one after the other
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.playbook.model import CONFIRM, RUN_PLAYBOOK
from runner.playbook.nodes import ScalarNode

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.playbook.nodes import MapNode

_ONCE = {
    RUN_PLAYBOOK: ("a playbook's own steps say what is tried again", "move it into the steps of the playbook"),
    CONFIRM: ("a person is asked once", "remove it; give the person more time with `timeout`"),
}
_NO_CLEANUPS = {
    RUN_PLAYBOOK: "its own steps may owe cleanups themselves; write the acts that undo this step",
    CONFIRM: "a cleanup waits for nobody",
}


def check_special(node: MapNode, action: str, complaints: Complaints) -> None:
    """Complain about keys of a step that its action can't take."""
    if action not in _ONCE:
        return
    for entry in node.entries:
        if entry.key in ("retry", "repeat"):
            complaints.add(entry.key_span, f"`{entry.key}` on `{action}`", *_ONCE[action])
    if action == RUN_PLAYBOOK:
        _check_run_playbook(node, complaints)


def check_cleanup(node: MapNode, action: str, complaints: Complaints) -> None:
    """Complain about a cleanup that can't be one."""
    if action in _NO_CLEANUPS:
        span = (node.get("action") or node).span
        complaints.add(span, f"`{action}` can't be a cleanup", _NO_CLEANUPS[action])


def _check_run_playbook(node: MapNode, complaints: Complaints) -> None:
    concurrency = node.get("concurrency")
    if isinstance(concurrency, ScalarNode) and isinstance(concurrency.value, int) and concurrency.value > 1:
        complaints.add(concurrency.span, "`concurrency` on `run_playbook`", "playbooks are performed one after another")
    for entry in node.entries:
        if entry.key == "participant":
            help = "give it as an input, for the `participant` of its steps"
            complaints.add(entry.key_span, "`participant` on `run_playbook`", "its steps say whom they act for", help)
