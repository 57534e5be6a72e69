"""Templates and expressions: compile once, know the names used, compute typed values.

Jinja's grammar, read into a small tree of our own and evaluated by ourselves: exact decimals, kept types, nothing
undefined, no methods, bounded work. Why a check is false is told by ``explaining``, which a good run never loads.
"""

from runner.expression.catalogue import FILTERS
from runner.expression.codec import from_plain, to_plain
from runner.expression.errors import EvaluationError, ExpressionError
from runner.expression.evaluating import evaluate
from runner.expression.functions import FUNCTIONS, RESERVED
from runner.expression.model import Expression, Template
from runner.expression.parsing import parse_expression, parse_template
from runner.expression.predicates import TESTS
from runner.expression.references import Part, Reference
from runner.expression.rendering import render
from runner.expression.work import Functions

__all__ = [
    "FILTERS",
    "FUNCTIONS",
    "RESERVED",
    "TESTS",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Functions",
    "Part",
    "Reference",
    "Template",
    "evaluate",
    "from_plain",
    "parse_expression",
    "parse_template",
    "render",
    "to_plain",
]
