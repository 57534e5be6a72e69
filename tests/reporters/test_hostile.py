"""Whatever the exchange or a playbook says does nothing in any report but stand there as text."""

from __future__ import annotations

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reporters import made
from runner.record.result import RunResult
from runner.reporters import json_report, junit, markdown
from runner.reporters.html import page

FORMATS = {"html": page.text, "junit": junit.text, "markdown": markdown.text}
"""Every format that shows texts; JSON's own escapes are enough for it."""

TEXTS = {
    "a script": "<script>alert(1)</script>",
    "a comment": "--><!-- <![CDATA[ ]]> <?php ?>",
    "an image": '"><img src=x onerror="alert(1)">',
    "out of an attribute": "' onmouseover='alert(1)' x=\"",
    "a closing element": "</pre></details></table></html><style>*{display:none}</style>",
    "a template": "{{ 7 * 7 }} {% raw %} ${x} %s {0}",
    "an entity": "&lt;b&gt; &#64; &nbsp",
    "a link": "[a](http://evil.test) ![b](http://evil.test/x.png) <http://evil.test> http://evil.test www.evil.test",
    "a mention": "@octocat #1 GH-1 octo/cat#1 someone@evil.test :tada:",
    "a table": "a | b || c \\| d |\n|---|---|\n| x | y |",
    "ticks": "` `` ``` ```` `a` ~~~",
    "ticks and a bar": "`|` \\`|\\`",
    "headings": "# a\n## b\n\n---\n- c\n1. d\n> e",
    "emphasis": "*a* **b** _c_ ~~d~~ $e$ \\",
    "a terminal escape": "\x1b[2J\x1b]0;title\x07\x9b31m\x00\x7f",
    "right to left": "\u202eevil\u2066\u2069\u200f\u061c",
    "a command": "::error::broken\n::stop-commands::x\n  ::warning file=a::b",
    "a command anywhere": "x ##vso[task.complete result=Failed] ##[error]y ##teamcity[message text='x']",
    "half a pair": "\ud800 \udfff",
    "no characters": "\ufffe\uffff\ufdd0",
    "spaces alone": "   ",
    "nothing": "",
    "a megabyte": "<b>&|`" * 170_000,
}


def pages(format: str, text: str) -> tuple[str, str]:
    """A report of a run in which everything is ``text``, and one in which everything is a harmless word."""
    write: Callable[[list[RunResult]], str] = FORMATS[format]
    return write([made.hostile(text)]), write([made.hostile("word")])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_hidden_and_nothing_is_obeyed(format: str, text: str) -> None:
    """No control characters, no marks of direction, no line that a CI server takes for its own; never too much."""
    written, _ = pages(format, text)
    written.encode()
    odd = {each for each in written if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and each != "\n"}
    assert odd == set()
    assert not re.search(r"^\s*::|##\[|##vso\[|##teamcity\[", written, re.MULTILINE)
    assert len(written) < 120_000


class Structure(HTMLParser):
    """Every element with its attributes; the values of those that hold no text of others, too."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(f"{name}={value}" for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", []))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


@pytest.mark.parametrize("text", [each for each in TEXTS.values() if each], ids=[name for name in TEXTS if TEXTS[name]])
def test_html(text: str) -> None:
    """The same elements with the very same attributes as for a harmless word."""
    hostile, harmless = (Structure(each) for each in pages("html", text))
    assert hostile.found == harmless.found


@pytest.mark.parametrize("text", [each for each in TEXTS.values() if each], ids=[name for name in TEXTS if TEXTS[name]])
def test_junit(text: str) -> None:
    """The same elements with the same attributes' names."""
    hostile, harmless = (
        [(each.tag, list(each.attrib)) for each in ET.fromstring(one).iter()] for one in pages("junit", text)
    )
    assert hostile == harmless


def tokens(text: str) -> list[Token]:
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [each for one in parsed for each in (one, *(one.children or ()))]


@pytest.mark.parametrize("text", [each for each in TEXTS.values() if each], ids=[name for name in TEXTS if TEXTS[name]])
def test_markdown(text: str) -> None:
    """The same blocks, tables of the same size, nothing but text and code in them, and no word that GitHub links."""
    hostile, harmless = (tokens(each) for each in pages("markdown", text))
    blocks = [[each.type for each in found if each.block] for found in (hostile, harmless)]
    assert blocks[0] == blocks[1]
    inline = {each.type for each in hostile if not each.block}
    assert inline <= {"text", "code_inline", "softbreak", "html_inline", "strong_open", "strong_close", "text_special"}
    assert {each.content for each in hostile if each.type == "html_inline"} <= {"<br>"}
    shown = "\n".join(each.content for each in hostile if each.type == "text")
    assert not re.search(r"@\w|://|www\.|#\d|GH-\d|:[a-z]\w*:", shown)


def test_json() -> None:
    """JSON gives every text back as it was."""
    for text in TEXTS.values():
        told = json.loads(json_report.text([made.hostile(text)]))
        assert (told["steps"][0]["title"] or "One", told["environment"]["host"]) == (text or "One", text)


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_cut_is_counted(format: str) -> None:
    """A megabyte is cut, and each time it is said how much of it is missing."""
    written, _ = pages(format, "y" * 1_000_000)
    assert written.count("999,500 more characters") > 5
