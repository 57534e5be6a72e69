"""Templates rendered: one single ``{{ }}`` keeps its type, anything else becomes a text.

A value is data: whatever it contains, braces included, is not rendered again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.errors import EvaluationError, Trouble
from runner.expression.evaluating import evaluate_with, start
from runner.expression.model import Expression, Template
from runner.expression.work import MOST_TEXT
from runner.expression.writing import text_of
from runner.redact import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.expression.work import Functions, Work


def render(template: Template | str, scope: Mapping[str, object], functions: Functions) -> object:
    """The template's value; a text around a secret is a ``Secret`` of the whole text.

    Raises:
        EvaluationError: a part can't be computed; ``offset`` counts into the template's text.
    """
    if isinstance(template, str):
        return template
    work = start(scope, functions)
    values = [part if isinstance(part, str) else evaluate_with(part, work) for part in template.parts]
    if template.whole:
        return values[0]
    texts = [_text(part, value, work) for part, value in zip(template.parts, values, strict=True)]
    if sum(map(len, texts)) > MOST_TEXT:
        raise EvaluationError("the text would be longer than 1 MiB", 0, len(template.text))
    joined = "".join(texts)
    return Secret(joined) if any(isinstance(value, Secret) for value in values) else joined


def _text(part: str | Expression, value: object, work: Work) -> str:
    if isinstance(part, str):
        return part
    try:
        written = value.reveal() if isinstance(value, Secret) else text_of(value, work)
        work.spend_text(len(written))
    except Trouble as trouble:
        tree = part.tree
        raise EvaluationError(trouble.message, tree.offset, tree.length, trouble.help) from None
    return written
