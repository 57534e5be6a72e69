"""What PyYAML says about a text that is no YAML, in words that say what to do.

The traps that YAML sets for expressions come first: most broken lines of a playbook are an expression or a template
that should have been in quotes.

::

    error: text after a closing quote
     --> playbooks/place.yaml:9:14
      |
    9 |       - "NEW" in result.states
      |               ^^^^^^^^^^^^^^^^ this no longer belongs to the quoted text
      |
      = help: put the whole expression into quotes: '"NEW" in result.states'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.frozen import frozen
from runner.source import Source, Span

if TYPE_CHECKING:
    from typing import TypeAlias

    Complaint: TypeAlias = tuple[Span, str, str, str]

_BREAKS = "\n\r\x85\u2028\u2029"
_BRACES_HERE = re.compile(r"(?P<rest>(?P<braces>\{\{.*?(?:\}\}|$))[^#]*?)\s*(?:#.*)?$")
_BRACES = re.compile(r"(?:^\s*|[-:,\[{]\s*)" + _BRACES_HERE.pattern)
_QUOTE_FIRST = re.compile(r"""(?:^\s*|[-:,\[{]\s+)((["']).*?\2\s*)$""")
_VALUE_WITH_COLON = re.compile(r"^\s*(?:- +)*[^\s:#][^:]*: +(?P<value>[^\s'\"\[{|>&*!].*)$")
_ESCAPES = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|(?:u(?=[0-9a-fA-F]{4})|U(?=[0-9a-fA-F]{8}))(?P<digits>(?<=u).{4}|.{8})|.|$)", re.DOTALL
)
_SIMPLE_ESCAPES = '0abt\tnvfre "/\\N_LPxuU\n\r\x85\u2028\u2029'
_SURROGATES = range(0xD800, 0xE000)
_LAST_CHARACTER = 0x10FFFF
_LONGEST_LINE = 2_000
_AS_MAPPING = "YAML reads this as a mapping"
_QUOTES_HELP = "put quotes around the whole text"


@frozen
class _Rule:
    """What to say where PyYAML's sentence matches ``pattern``; ``at_opening``: place it where the thing began."""

    pattern: str
    title: str
    label: str = ""
    help: str = ""
    at_opening: bool = False


_RULES = (
    _Rule(
        "block sequence entries are|^sequence entries",
        "a list can't begin here",
        help="put its first `- ` on a line of its own",
    ),
    _Rule("mapping keys are not allowed", "a key can't begin here", help="a text that begins with `? ` needs quotes"),
    _Rule(
        "could not find expected ':'",
        "neither `key: value` nor `- item`",
        "a key without `: ` after it",
        "write `key: value`; a text over several lines is indented further than its key",
        at_opening=True,
    ),
    _Rule("that cannot start any token", "`@` can't begin a value", help=_QUOTES_HELP),
    _Rule(
        "unexpected end of stream|unexpected document",
        "a quote that is never closed",
        "it begins here",
        at_opening=True,
    ),
    _Rule(
        "hexadecimal numbers|hexdecimal number",
        "an escape without its hexadecimal digits",
        help="`\\x` takes 2 of them, `\\u` 4, `\\U` 8",
    ),
    _Rule(
        "comment or a? ?line break|chomping or indentation",
        "text on the line of `|` or `>`",
        help="begin it on the next line, indented",
    ),
    _Rule("indentation indicator", "the indentation of a block text is a digit from 1 to 9"),
    _Rule(
        "alphabetic or numeric",
        "an anchor or alias without a name",
        help="a text that begins with `&` or `*` needs quotes",
    ),
    _Rule("tag|URI", "a tag of YAML", help="remove it; a text that begins with `!` needs quotes", at_opening=True),
    _Rule(
        "expected '-' indicator|block collection",
        "not an item of the list above",
        help="begin it with `- `, indented like the other items",
    ),
    _Rule(
        "expected key|<block end>",
        "not a key of the mapping above",
        help="write `key: value`, indented like the other keys",
    ),
    _Rule(
        "expected ',' or",
        "expected `,` or the closing bracket",
        help="a text with one of `,[]{}` in it needs quotes here",
    ),
    _Rule("node content", "a value can't begin with `@`", help=_QUOTES_HELP),
    _Rule("document start", "text after the end of the document", help="one file holds one document"),
)


def explain(source: Source, error: Any) -> Complaint:
    """Place, title, label and help for an error of PyYAML's scanner or parser."""
    index = min(error.problem_mark.index, max(len(source.text.rstrip()) - 1, 0))
    place = place_of(source, index)
    line = source.line(place.line)
    if "mapping values are not allowed" in error.problem:
        return _braces(place, line) or _second_colon(place, line)
    if "escape character" in error.problem or "escape code" in error.problem:
        return _bad_escape(source, error.context_mark.index)
    if error.context and "flow" in error.context:
        return _braces(place, line) or _quote_first(place, line) or _in_brackets(source, error, place)
    trap = None if "document start" in error.problem else _braces(place, line) or _quote_first(place, line)
    return trap or _by_rule(source, error, place)


def place_of(source: Source, index: int, length: int = 1) -> Span:
    """The place of a character of the text by its number from 0."""
    lines = source.text[:index].splitlines(keepends=True)
    if not lines or lines[-1][-1] in _BREAKS:
        return source.span(len(lines) + 1, 1, length)
    return source.span(len(lines), len(lines[-1]) + 1, length)


def _braces(place: Span, line: str) -> Complaint | None:
    """``{{ x }}`` without quotes, somewhere before the place where YAML gave up."""
    match = _BRACES.search(line[:_LONGEST_LINE])
    return None if match is None or match.start("braces") > place.column else _unquoted(place, line, match)


def unquoted_braces(inner: Span, line: str) -> Complaint:
    """The same where YAML went through: ``inner`` is the place of the second brace."""
    match = _BRACES_HERE.match(line[:_LONGEST_LINE], inner.column - 2)
    if match is None:
        span = Span(inner.path, inner.line, inner.column - 1, 2)
        return span, "`{{ }}` without quotes", _AS_MAPPING, _QUOTES_HELP
    return _unquoted(inner, line, match)


def _unquoted(place: Span, line: str, match: re.Match[str]) -> Complaint:
    start = match.start("braces")
    nested = "{" in line[:start] or "[" in line[:start]
    span = Span(place.path, place.line, start + 1, len(match["braces"]))
    return span, "`{{ }}` without quotes", _AS_MAPPING, f"write {quoted(match['braces' if nested else 'rest'])}"


def _quote_first(place: Span, line: str) -> Complaint | None:
    """An expression that begins with a quote: YAML takes the quoted part for the whole."""
    match = _QUOTE_FIRST.search(line[: min(place.column - 1, _LONGEST_LINE)])
    if match is None:
        return None
    rest = line[place.column - 1 :].rstrip()
    if "{" in line[: match.start(1)] or "[" in line[: match.start(1)]:
        rest = re.sub(r"[,}\]].*", "", rest).rstrip()
    span = Span(place.path, place.line, place.column, max(len(rest), 1))
    help = f"put the whole text into quotes: {quoted(match[1] + rest)}"
    return span, "text after a closing quote", "this no longer belongs to the quoted text", help


def _second_colon(place: Span, line: str) -> Complaint:
    match = _VALUE_WITH_COLON.match(line[:_LONGEST_LINE])
    span = Span(place.path, place.line, place.column, 1)
    if match is not None and match.start("value") < place.column:
        help = f"put quotes around it: {quoted(match['value'].rstrip())}"
        return span, "`: ` in a text without quotes", "YAML takes this for a second key", help
    help = "indent it like the keys around it; a text over several lines with `: ` in it needs quotes"
    return span, "a key can't begin here", "", help


def _bad_escape(source: Source, opening: int) -> Complaint:
    """The first escape of a double-quoted text that stands for no character."""
    found = (match for match in _ESCAPES.finditer(source.text, opening) if not _is_escape(match))
    match = next(found)
    span = place_of(source, match.start(), len(match[0]))
    help = "write `\\\\` for a backslash, or use single quotes"
    return span, f"`{match[0]}` is no escape", "not a character", help


def _is_escape(match: re.Match[str]) -> bool:
    digits = match["digits"]
    if digits is None:
        return match[0][1] in _SIMPLE_ESCAPES
    code = int(digits, 16)
    return code <= _LAST_CHARACTER and code not in _SURROGATES


def _in_brackets(source: Source, error: Any, place: Span) -> Complaint:
    opening = error.context_mark
    if error.problem_mark.line > opening.line and "node content" not in error.problem:
        return place_of(source, opening.index), "a bracket that is never closed", "it opens here", ""
    if error.problem_mark.index >= len(source.text.rstrip()):
        return place, "a bracket that is never closed", "the text ends here", ""
    return _by_rule(source, error, place)


def _by_rule(source: Source, error: Any, place: Span) -> Complaint:
    found = source.line(place.line)[place.column - 1 : place.column]
    said = f"{error.problem} {error.context or ''}"
    for rule in _RULES:
        if re.search(rule.pattern, said):
            at = place_of(source, error.context_mark.index) if rule.at_opening and error.context_mark else place
            return at, rule.title.replace("@", found), rule.label, rule.help
    return place, "this is not YAML", "", _QUOTES_HELP


def quoted(text: str) -> str:
    """The text in quotes of YAML, double ones if they do."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"
