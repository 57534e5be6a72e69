"""What kinds of values the expressions of a playbook can have, known from the schemas of actions alone.

Each expression's own tree is followed through the schemas of arguments and results; what can't be right is told at its
place. Where a schema is silent nothing is known, and of what isn't known nothing is ever said.
"""

from runner.plan.types.playbook import type_problems

__all__ = ["type_problems"]
