"""A schema as one document that needs no other file: for an editor, a validator, a program in another language.

What it refers to in other files is copied below its own ``$defs``, under the file's name and the definition's
(``place_order.arguments``), and every reference is rewritten to point there. No reference leaves the document, and no
``$id`` is needed to resolve one, which not every editor can do.
"""

from __future__ import annotations

import json
from typing import Any

from runner.playbook.schemas import joined, schemas_folder

_SUFFIX = ".schema.json"


def bundled(name: str) -> dict[str, Any]:
    """The schema ``name`` (``playbook.schema.json``) with everything that it refers to."""
    return _Bundle(name).whole()


class _Bundle:
    """What was copied so far, by the key that it has in the one document."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._files: dict[str, Any] = {}
        self._copied: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        """The document: the schema as it is, its definitions, then those of other files as they are first used."""
        schema = self._rewritten(self._file(self._name), self._name)
        own = schema.pop("$defs", {})
        return {**schema, "$defs": own | self._copied}

    def _file(self, name: str) -> Any:
        if name not in self._files:
            self._files[name] = json.loads((schemas_folder() / name).read_text(encoding="utf-8"))
        return self._files[name]

    def _rewritten(self, schema: Any, file: str) -> Any:
        """A part of ``file`` whose references are those of the one document."""
        if isinstance(schema, list):
            return [self._rewritten(item, file) for item in schema]
        if not isinstance(schema, dict):
            return schema
        return {
            key: self._reference(item, file) if key == "$ref" else self._rewritten(item, file)
            for key, item in schema.items()
        }

    def _reference(self, reference: str, file: str) -> str:
        path, _, pointer = reference.partition("#")
        target = joined(file, path) if path else file
        if target == self._name:
            return f"#{pointer}"
        key = ".".join([target.rpartition("/")[2].removesuffix(_SUFFIX), *pointer.split("/")[2:]])
        if key not in self._copied:
            self._copied[key] = {}  # one that comes round to itself finds its place taken
            self._copied[key] = self._rewritten(self._found(target, pointer), target)
        return f"#/$defs/{key}"

    def _found(self, file: str, pointer: str) -> Any:
        found = self._file(file)
        for part in pointer.split("/")[1:]:
            found = found[part]
        return found
