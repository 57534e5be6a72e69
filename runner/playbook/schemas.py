"""The JSON Schemas that the package carries, and validators made of them.

Numbers of a schema are read as Decimals, and a Decimal is a JSON number: an ``integer`` is what was written without a
fraction, so ``1.0`` is none. References are resolved once, by copying what they name: following them in each of a
thousand steps takes ten times as long as all the rest of the checking.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP_ACTIONS = "step-actions.schema.json"
_ANY_ACTION: dict[str, Any] = {"$defs": {"action": {"type": "string"}, "arguments": {}}}


def schemas_folder() -> Path:
    """Where the schemas are: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@cache
def validator(name: str) -> Any:
    """A jsonschema validator for a file of the schemas' folder, ``#/$defs/...`` allowed behind its name.

    A playbook's steps are checked as far as that does not depend on their action; the arguments have a schema of
    their own, ``actions/<name>.schema.json#/$defs/arguments``. Choosing it by the action's name gives the error of
    one argument instead of one about all actions at once.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    kinds = Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer})
    exact = extend(Draft202012Validator, {"pattern": _pattern}, type_checker=kinds)  # type: ignore[no-untyped-call]
    return exact(_resolved(name, ""))


def _resolved(reference: str, file: str) -> Any:
    """What a reference of ``file`` names, without any references in it. Ours never come round to themselves."""
    path, _, pointer = reference.partition("#")
    target = joined(file, path) if path else file
    found = _read(target)
    for part in pointer.split("/")[1:]:
        found = found[part]
    return _without_references(found, target)


def _without_references(schema: Any, file: str) -> Any:
    if isinstance(schema, list):
        return [_without_references(item, file) for item in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: _without_references(item, file) for key, item in schema.items() if key not in ("$ref", "$defs")}
    return {**_resolved(schema["$ref"], file), **own} if "$ref" in schema else own


def joined(file: str, path: str) -> str:
    """A path relative to ``file``, as one relative to the schemas' folder."""
    folder = Path(file).parent
    while path.startswith("../"):
        folder, path = folder.parent, path[3:]
    return (folder / path).as_posix()


@cache
def _read(file: str) -> Any:
    if file == _STEP_ACTIONS:
        return _ANY_ACTION
    return json.loads((schemas_folder() / file).read_text(encoding="utf-8"), parse_float=Decimal)


def _pattern(_validator: object, pattern: str, instance: object, _schema: object) -> Iterator[Any]:
    """As other languages read it: ``$`` is the very end, not before a last line end too, and ``\\d`` ten digits."""
    from jsonschema import ValidationError

    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


def _is_number(_checker: object, value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_integer(_checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
