"""What a text spells: a number, a duration, or neither."""

from __future__ import annotations

import re

from runner.plan.types.model import TEXT, Type

_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)


def is_number(text: str) -> bool:
    """Whether the text spells a number."""
    return _NUMBER.fullmatch(text) is not None


def never_number(type_: Type) -> bool:
    """Whether a text of this type is known to spell no number."""
    if not type_.kinds & TEXT:
        return False
    return type_.prose if type_.words is None else not any(map(is_number, type_.words))
