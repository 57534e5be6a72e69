"""Which values an input accepts: the playbook's own default, and what the caller hands in."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.value import DECIMAL, FLAG, MAPPING, TEXT, WHOLE, WrongValue, shown

if TYPE_CHECKING:
    from runner.playbook.model import Input, InputType


def typed(kind: InputType, value: object) -> Any:
    """A value as its input's type has it: a decimal is a Decimal, however it was written; raises WrongValue."""
    match kind:
        case "string":
            return TEXT.read(value)
        case "integer":
            return WHOLE.read(value)
        case "decimal":
            return DECIMAL.read(value)
        case "boolean":
            return FLAG.read(value)
        case "object":
            return MAPPING.read(value)
    if not isinstance(value, list):
        raise WrongValue(f"a list is wanted, not {shown(value)}")
    return value


def accept(wanted: Input, value: object) -> Any:
    """A value that an input takes, in its type; raises WrongValue saying what was wanted."""
    read = typed(wanted.type, value)
    if wanted.enum and read not in wanted.enum:
        raise WrongValue(f"one of {', '.join(shown(each) for each in wanted.enum)} is wanted, not {shown(read)}")
    if isinstance(read, (int, Decimal)) and not isinstance(read, bool):
        _check_bounds(wanted, read)
    if wanted.pattern is not None and isinstance(read, str) and not re.search(wanted.pattern, read):
        raise WrongValue(f"a text that matches {wanted.pattern} is wanted, not {shown(read)}")
    return read


def _check_bounds(wanted: Input, number: int | Decimal) -> None:
    if wanted.minimum is not None and number < wanted.minimum:
        raise WrongValue(f"at least {wanted.minimum} is wanted, not {shown(number)}")
    if wanted.maximum is not None and number > wanted.maximum:
        raise WrongValue(f"at most {wanted.maximum} is wanted, not {shown(number)}")
