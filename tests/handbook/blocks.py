"""The pages of the documentation, and what stands in them: code blocks, hidden commands, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_NOT_EXECUTED = re.compile(r"<!-- not executed: (.+) -->")
_HIDDEN = re.compile(r"<!-- run: (.+?) -->", re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Block:
    """A code block; ``title`` is the file that it is to be written to, ``marks`` the comments right before it.

    A hidden command, `<!-- run: … -->`, is a block in the language ``hidden``. ``line`` counts from 1.
    """

    page: Path
    line: int
    language: str
    title: str
    text: str
    marks: tuple[str, ...]

    @property
    def place(self) -> str:
        """As an editor opens it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def excuse(self) -> str:
        """Why it is not executed, as the page says; empty where it is."""
        return next((found[1] for mark in self.marks if (found := _NOT_EXECUTED.match(mark))), "")

    @property
    def is_wrong(self) -> bool:
        """Whether the page shows it for what is wrong with it."""
        return "<!-- wrong on purpose -->" in self.marks


def blocks_of(page: Path) -> Iterator[Block]:
    """Every block of a page, from top to bottom."""
    marks: tuple[str, ...] = ()
    for token in _tokens(page):
        line = (token.map or [0])[0] + 1
        if token.type == "html_block":
            marks = (*marks, token.content.strip())
            yield from (Block(page, line, "hidden", "", text, ()) for text in _HIDDEN.findall(token.content))
        elif token.type == "fence":
            language, _, rest = token.info.partition(" ")
            title = _TITLE.search(rest)
            yield Block(page, line, language, title[1] if title else "", token.content, marks)
            marks = ()
        elif token.type != "fence":
            marks = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page to ``target``, as written."""

    page: Path
    line: int
    target: str


def links_of(page: Path) -> Iterator[Link]:
    """Every link and picture of a page."""
    for token in _tokens(page):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield Link(page, (token.map or [0])[0] + 1, str(target))


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    tokens = _tokens(page)
    return {anchor(after.content) for token, after in pairwise(tokens) if token.type == "heading_open"}


def anchor(heading: str) -> str:
    """A heading as the end of an address: where code hosts and site generators agree, which the tests hold them to."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")


@cache
def _tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
