"""Pieces of Markdown: tables, anchored headings, a JSON Schema's fields as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runner.cli.kinds_in_words import kind_in_words
from runner.value import DURATION_TEXT

Schema = Mapping[str, Any]
MADE = "<!-- made by `make reference`; what stands here is taken from the program -->"


def page(title: str, *parts: str) -> str:
    """A whole page that ends in one newline."""
    return "\n\n".join([f"# {title}", MADE, *(part.strip("\n") for part in parts)]) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; bars in cells are kept from ending them, and what looks like a tag is none."""
    columns = [*head]
    lines = [columns, ["---"] * len(columns), *([*row] for row in rows)]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    plain = text.replace("|", "\\|").split("`")
    return "`".join(part if at % 2 else part.replace("<", "&lt;") for at, part in enumerate(plain))


def fence(language: str, text: str) -> str:
    """A code block."""
    return f"```{language}\n{text.strip(chr(10))}\n```"


def code(text: object) -> str:
    """A word as code; nothing where there is none."""
    return f"`{text}`" if str(text) else ""


class Schemas:
    """A schema with its definitions, read for people."""

    def __init__(self, whole: Schema) -> None:
        self._whole = whole

    def resolved(self, schema: Schema) -> dict[str, Any]:
        """A schema with what it refers to inside the same file; what stands beside a reference wins."""
        reference = str(schema.get("$ref", ""))
        if not reference.startswith("#/"):
            return dict(schema)
        found: Any = self._whole
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return self.resolved(found) | {key: value for key, value in schema.items() if key != "$ref"}

    def properties(self, schema: Schema) -> dict[str, dict[str, Any]]:
        """The keys of a mapping, each with its schema."""
        return {name: self.resolved(each) for name, each in self.resolved(schema).get("properties", {}).items()}

    def rows(self, schema: Schema) -> Iterator[tuple[str, str, str]]:
        """Key, kind and meaning of each key."""
        required = self.resolved(schema).get("required", ())
        for name, each in self.properties(schema).items():
            needed = ", required" if name in required else ""
            yield code(name), self.kind(each) + needed, str(each.get("description", ""))

    def kind(self, schema: Schema) -> str:
        """What a value is, in a few words."""
        each = self.resolved(schema)
        if "title" in each:
            return str(each["title"])
        if "const" in each:
            return code(each["const"])
        if isinstance(each.get("type"), list):
            return self.kind({**each, "type": next(name for name in each["type"] if name != "null")})
        if each.get("pattern") == DURATION_TEXT:
            return "a duration such as `15s`, `2m`, `1h30m` or `500ms`"
        for several in ("anyOf", "oneOf"):
            if several in each:
                kinds = dict.fromkeys(self.kind(one) for one in each[several])
                return " or ".join(_but_texts(kinds))
        if each.get("type") == "array" and "items" in each:
            return f"list of: {self.kind(each['items'])}"
        if "enum" in each:
            return ", ".join(code(_word(word)) for word in each["enum"])
        if str(each.get("$ref", "")).endswith("/action"):
            return "an action"
        return kind_in_words(each).removesuffix(" or null")


def _but_texts(kinds: Mapping[str, None]) -> list[str]:
    """A number may be written as text, too, which goes without saying."""
    return [kind for kind in kinds if not (kind == "text" and any("number" in other for other in kinds))]


def _word(word: object) -> str:
    return "null" if word is None else str(word)
