"""What will be done: a playbook, the actions that exist and the inputs become a plan, or diagnostics.

A ``Plan`` can't be built from a bad playbook, and nothing is sent before there is one.
"""

from runner.plan.build import build, examine, rebuild
from runner.plan.model import Bound, Bounds, NameBound, Need, Plan, PlannedCleanup, PlannedStep

__all__ = [
    "Bound",
    "Bounds",
    "NameBound",
    "Need",
    "Plan",
    "PlannedCleanup",
    "PlannedStep",
    "build",
    "examine",
    "rebuild",
]
