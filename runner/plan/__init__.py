"""What will be done: a playbook, the actions that exist and the inputs become a plan, or diagnostics.

A ``Plan`` can't be built from a bad playbook, and nothing is sent before there is one.
"""

from runner.plan.build import build, examine, rebuild
from runner.plan.model import Bound, Bounds, LeftOut, NameBound, Need, Plan, PlannedCleanup, PlannedStep
from runner.plan.personal import open_values, personal_inputs, personal_texts
from runner.plan.selecting import Selection

__all__ = [
    "Bound",
    "Bounds",
    "LeftOut",
    "NameBound",
    "Need",
    "Plan",
    "PlannedCleanup",
    "PlannedStep",
    "Selection",
    "build",
    "examine",
    "open_values",
    "personal_inputs",
    "personal_texts",
    "rebuild",
]
