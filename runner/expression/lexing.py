"""Jinja's own lexer and parser, made to keep exact numbers and exact places.

The only module that imports jinja2, and only when something is parsed.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from runner.expression.arithmetic import decimal_from, whole
from runner.expression.errors import ExpressionError, Trouble
from runner.expression.nodes import MOST_NESTING
from runner.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

_BLANK = "whitespace"
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


@frozen
class Lexeme:
    """One token as written: its kind (Jinja's word), its text and where it begins."""

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """The offset just behind it."""
        return self.offset + len(self.text)


@dataclass(slots=True)
class Lexemes:
    """The tokens of one expression, in sequence and by offset."""

    text: str
    all: list[Lexeme] = field(default_factory=list)
    _positions: dict[int, int] = field(default_factory=dict)

    def __contains__(self, offset: int) -> bool:
        """Whether a token begins at this offset."""
        return offset in self._positions

    def append(self, lexeme: Lexeme) -> None:
        """Note the next token."""
        self._positions[lexeme.offset] = len(self.all)
        self.all.append(lexeme)

    def at(self, offset: int) -> Lexeme:
        """The token that begins at this offset."""
        return self.all[self._positions[offset]]

    def after(self, offset: int) -> Lexeme:
        """The token behind the one that begins here; an empty one at the end of the text."""
        position = self._positions[offset] + 1
        return self.all[position] if position < len(self.all) else Lexeme("eof", "", len(self.text))

    def before(self, offset: int) -> Lexeme:
        """The last token that ends at or before this offset; an empty one at the beginning of the text."""
        position = bisect_left(self.all, offset, key=lambda lexeme: lexeme.offset)
        return self.all[position - 1] if position else Lexeme("begin", "", 0)

    def closing(self, offset: int) -> Lexeme:
        """The bracket that closes the one opened at this offset."""
        depth = 0
        for lexeme in self.all[self._positions[offset] :]:
            depth += (lexeme.text in _CLOSERS) - (lexeme.text in _CLOSERS.values())
            if depth == 0:
                return lexeme
        raise AssertionError("the parser let an open bracket pass")


def parse(text: str) -> tuple[Any, Lexemes]:
    """Jinja's tree of one whole expression, and its tokens.

    Each node's ``lineno`` is an offset into ``text``.

    Raises:
        ExpressionError: the text is none; offsets count from its beginning.
    """
    from jinja2 import TemplateSyntaxError
    from jinja2.parser import Parser

    environment, lexemes = _environment(), Lexemes(text)
    environment.seen = lexemes  # type: ignore[attr-defined]
    try:
        parser = Parser(environment, text, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise _left_over(lexemes.at(parser.stream.current.lineno))
    except TemplateSyntaxError as error:
        raise _in_our_words(error.message or "", error.lineno, lexemes) from None
    except RecursionError:
        raise too_nested(0, len(text)) from None
    return tree, lexemes


def too_nested(offset: int, length: int) -> ExpressionError:
    """The error for an expression whose parts are nested too deeply."""
    return ExpressionError(
        f"the expression is nested more than {MOST_NESTING} levels deep", offset, length, "capture a part of it first"
    )


def _environment() -> Environment:
    # a new one each time: the tokens of a parse are noted on it, and threads may parse at once
    return _environment_class()(optimized=False, keep_trailing_newline=True, cache_size=0)


@cache
def _environment_class() -> type[Environment]:
    import jinja2
    from jinja2.lexer import Lexer, Token

    class OffsetLexer(Lexer):
        """Puts each token's offset where Jinja has the line: the parser copies it into every node and error."""

        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            self.environment = environment

        def wrap(
            self, stream: Iterable[tuple[int, str, str]], name: str | None = None, filename: str | None = None
        ) -> Iterator[Token]:
            lexemes: Lexemes = self.environment.seen  # type: ignore[attr-defined]
            for lexeme in _placed(stream):
                if lexeme.kind != _BLANK:
                    lexemes.append(lexeme)
                    yield from self._converted(lexeme, name, filename)

        def _converted(self, lexeme: Lexeme, name: str | None, filename: str | None) -> Iterator[Token]:
            if lexeme.kind in ("integer", "float"):
                yield Token(lexeme.offset, lexeme.kind, _exact_number(lexeme))  # type: ignore[arg-type]
            else:
                yield from super().wrap([(lexeme.offset, lexeme.kind, lexeme.text)], name, filename)

    class OffsetEnvironment(jinja2.Environment):
        """Jinja's environment with that lexer; nothing else of it is used."""

        seen: Lexemes

        @property
        def lexer(self) -> Lexer:
            return OffsetLexer(self)

    return OffsetEnvironment


def _placed(stream: Iterable[tuple[int, str, str]]) -> Iterator[Lexeme]:
    """The raw tokens with offsets; an error of the tokenizer, which knows lines only, gets the offset reached."""
    from jinja2 import TemplateSyntaxError

    offset = 0
    try:
        for _, kind, text in stream:
            yield Lexeme(kind, text, offset)
            offset += len(text)
    except TemplateSyntaxError as error:
        raise TemplateSyntaxError(error.message or "", offset) from None


def _exact_number(lexeme: Lexeme) -> object:
    digits = lexeme.text.replace("_", "")
    try:
        if lexeme.kind == "float":
            return decimal_from(digits)
        if len(digits) > 140:
            raise Trouble("the number is too long")
        return whole(int(digits, 0))
    except Trouble as trouble:
        raise ExpressionError(trouble.message, lexeme.offset, len(lexeme.text), trouble.help) from None


def _left_over(lexeme: Lexeme) -> ExpressionError:
    return ExpressionError(
        f"`{lexeme.text}` doesn't belong here", lexeme.offset, max(1, len(lexeme.text)), _advice(lexeme.text, "")
    )


def _in_our_words(message: str, offset: int, lexemes: Lexemes) -> ExpressionError:
    rest = lexemes.text[offset:]
    dangling = message.startswith("expected name") and offset == lexemes.all[-1].offset
    if dangling or "end of template" in message or not rest.strip():
        return ExpressionError("the expression ends too early", len(lexemes.text), 1, "")
    word = lexemes.at(offset).text if offset in lexemes else rest.lstrip()[0]
    if offset not in lexemes:
        offset += len(rest) - len(rest.lstrip())
    if word in ("'", '"'):
        return ExpressionError("the text is not closed", offset, 1, f"close it with {word}")
    return ExpressionError(f"`{word}` doesn't belong here", offset, len(word), _advice(word, rest.lstrip()))


_ADVICE = {
    "=": "compare with `==`",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "}}": "write the expression without {{ }}",
    "$": "name a value without `$`",
    "?": "write `a if b else c`",
}


def _advice(word: str, rest: str) -> str:
    return _ADVICE.get(word, "") if not rest.startswith("!=") else ""
