# ruff: noqa: E501  (one row a line)
"""What is no expression: text, place, message and help of each."""

from __future__ import annotations

import re

import pytest

from runner.expression import ExpressionError, parse_expression, parse_template

REFUSED = [
    ('x.upper()', 2, 5, 'there are no methods: `upper`', 'write `| upper`'),
    ('name.format(1)', 5, 6, 'there are no methods: `format`', 'did you mean `sort`?'),
    ('result.items()', 7, 5, 'there are no methods: `items`', ''),
    ('orders.append(1)', 7, 6, 'there are no methods: `append`', ''),
    ('"a".join([])', 4, 4, 'there are no methods: `join`', 'write `| join`'),
    ('"%s"|format(1)', 5, 6, 'there is no filter `format`', 'did you mean `sort`?'),
    ('range(10)', 0, 5, 'there is no function `range`', 'write the list out'),
    ('dict()', 0, 4, 'there is no function `dict`', 'the functions are: …'),
    ('namespace(a=1)', 0, 9, 'there is no function `namespace`', 'the functions are: …'),
    ('lipsum()', 0, 6, 'there is no function `lipsum`', 'the functions are: …'),
    ('cycler(1)', 0, 6, 'there is no function `cycler`', 'the functions are: …'),
    ('joiner()', 0, 6, 'there is no function `joiner`', 'the functions are: …'),
    ('caller()', 0, 6, 'there is no function `caller`', 'the functions are: …'),
    ("open('f')", 0, 4, 'there is no function `open`', 'the functions are: …'),
    ('print(1)', 0, 5, 'there is no function `print`', 'the functions are: …'),
    ('nwo()', 0, 3, 'there is no function `nwo`', 'did you mean `now`?'),
    ('upper(name)', 0, 5, 'there is no function `upper`', 'it is a filter: write `x | upper`'),
    ('name|uper', 5, 4, 'there is no filter `uper`', 'did you mean `upper`?'),
    ('price|float', 6, 5, 'there is no filter `float`', 'numbers are exact here: `decimal(x)`'),
    ('name|center(10)', 5, 6, 'there is no filter `center`', 'the filters are: …'),
    ('name|ljust(10)', 5, 5, 'there is no filter `ljust`', 'did you mean `list`?'),
    ('name|wordwrap', 5, 8, 'there is no filter `wordwrap`', 'the filters are: …'),
    ('name|safe', 5, 4, 'there is no filter `safe`', 'nothing is escaped here'),
    ('name|e', 5, 1, 'there is no filter `e`', 'the filters are: …'),
    ("orders|groupby('id')", 7, 7, 'there is no filter `groupby`', 'the filters are: …'),
    ('orders|random', 7, 6, 'there is no filter `random`', 'the filters are: …'),
    ("name|attr('x')", 5, 4, 'there is no filter `attr`', 'the filters are: …'),
    ('result|items', 7, 5, 'there is no filter `items`', 'go through the keys with `| list`'),
    ('result|dictsort', 7, 8, 'there is no filter `dictsort`', 'did you mean `sort`?'),
    ('name|truncate(3)', 5, 8, 'there is no filter `truncate`', 'the filters are: …'),
    ('orders|batch(2)', 7, 5, 'there is no filter `batch`', 'the filters are: …'),
    ('n is float', 5, 5, 'there is no test `float`', 'numbers are exact here: `decimal(x)`'),
    ('n is callable', 5, 8, 'there is no test `callable`', 'the tests are: …'),
    ('n is sameas n', 5, 6, 'there is no test `sameas`', 'compare with `==`'),
    ('n is evn', 5, 3, 'there is no test `evn`', 'did you mean `even`?'),
    ('n is divisibleby', 5, 11, 'the test `divisibleby` needs the argument `num`', 'its arguments: num'),
    ('1 if n', 0, 6, '`if` has no `else`', 'say what it is otherwise: `else none`'),
    ('n = 1', 2, 1, "`=` doesn't belong here", 'compare with `==`'),
    ('n == ', 5, 1, 'the expression ends too early', ''),
    ('== 1', 0, 2, "`==` doesn't belong here", ''),
    ('n && 1', 2, 1, "`&` doesn't belong here", 'write `and`'),
    ('n || 1', 3, 1, "`|` doesn't belong here", 'write `or`'),
    ('!n', 0, 1, "`!` doesn't belong here", 'write `not`'),
    ('a ? b : c', 2, 1, "`?` doesn't belong here", 'write `a if b else c`'),
    ('{% if x %}', 1, 1, "`%` doesn't belong here", ''),
    ('{{ n }}', 0, 2, 'an expression is wanted here', 'write the expression without {{ }}'),
    ('{# c #}', 1, 1, "`#` doesn't belong here", ''),
    ('n }} x', 2, 2, "`}}` doesn't belong here", 'write the expression without {{ }}'),
    ('', 0, 1, 'there is no expression here', ''),
    ('   ', 0, 3, 'there is no expression here', ''),
    ('(1', 2, 1, 'the expression ends too early', ''),
    ('[1', 2, 1, 'the expression ends too early', ''),
    ("{'a'", 4, 1, 'the expression ends too early', ''),
    ('1)', 1, 1, "`)` doesn't belong here", ''),
    ("'abc", 0, 1, 'the text is not closed', "close it with '"),
    ('"abc', 0, 1, 'the text is not closed', 'close it with "'),
    ('a b', 2, 1, "`b` doesn't belong here", ''),
    ('a.', 2, 1, 'the expression ends too early', ''),
    ('a..b', 2, 1, "`.` doesn't belong here", ''),
    ('a[', 2, 1, 'the expression ends too early', ''),
    ('a[]', 1, 1, 'one key or index is wanted', 'as in `x[0]`'),
    ('$x', 0, 1, "`$` doesn't belong here", 'name a value without `$`'),
    ('@x', 0, 1, "`@` doesn't belong here", ''),
    ('x;y', 1, 1, "`;` doesn't belong here", ''),
    ('lambda x: x', 7, 1, "`x` doesn't belong here", ''),
    ('[x for x in orders]', 3, 3, "`for` doesn't belong here", ''),
    ('x := 1', 2, 1, "`:` doesn't belong here", ''),
    ('*orders', 0, 1, "`*` doesn't belong here", ''),
    ('[*orders]', 1, 1, "`*` doesn't belong here", ''),
    ('uuid(*orders)', 6, 1, "arguments can't be spread with `*`", 'write each argument'),
    ('uuid(**result)', 7, 1, "arguments can't be spread with `*`", 'write each argument'),
    ('loop.index', 0, 4, "`loop` is of Jinja's own, not of this language", 'use another name'),
    ('self.x', 0, 4, "`self` is of Jinja's own, not of this language", 'use another name'),
    ('super()', 0, 5, 'there is no function `super`', 'the functions are: …'),
    ('1e31', 0, 4, 'a number has at most 38 digits and an exponent within ±30', ''),
    ('1e-31', 0, 5, 'a number has at most 38 digits and an exponent within ±30', ''),
    ('123456789012345678901234567890123456789', 0, 39, 'the number has more than 38 digits', ''),
    ('0.123456789012345678901234567890123456789', 0, 41, 'a number has at most 38 digits and an exponent within ±30', ''),
    ('1e999999999', 0, 11, 'a number has at most 38 digits and an exponent within ±30', ''),
    ('{1: 2}', 1, 1, 'a key must be a text', 'put it in quotes'),
    ('{none: 1}', 1, 4, 'a key must be a text', 'put it in quotes'),
    ('1, 2', 1, 1, "`,` doesn't belong here", ''),
    ('uuid(1)', 5, 1, 'this is one argument more than the function `uuid` takes', 'it takes none'),
    ('duration()', 0, 8, 'the function `duration` needs the argument `text`', 'its arguments: text'),
    ("duration('1s', 2)", 15, 1, 'this is one argument more than the function `duration` takes', 'its arguments: text'),
    ("time(txt='x')", 9, 3, 'the argument `txt` of the function `time` is unknown', 'did you mean `text`?'),
    ("name|round(1, 'ceil', 3)", 22, 1, 'this is one argument more than the filter `round` takes', 'its arguments: precision, method'),
    ('name|round(digits=1)', 18, 1, 'the argument `digits` of the filter `round` is unknown', 'its arguments: precision, method'),
    ('name|round(1, precision=1)', 24, 1, 'the argument `precision` of the filter `round` is given twice', ''),
    ("name|replace('a')", 5, 7, 'the filter `replace` needs the argument `new`', 'its arguments: old, new, count'),
    ('orders|map', 7, 3, '`map` needs a filter or an attribute', 'map(attribute="…")'),
    ("orders|map('uper')", 11, 6, 'there is no filter `uper`', 'did you mean `upper`?'),
    ('orders|map(name)', 11, 4, 'write the name of the filter as a text', '"name"'),
    ("orders|map('attr', 'id')", 11, 6, 'there is no filter `attr`', 'the filters are: …'),
    ("orders|map('round', digits=1)", 27, 1, 'the argument `digits` of the filter `round` is unknown', 'its arguments: precision, method'),
    ("orders|select('evn')", 14, 5, 'there is no test `evn`', 'did you mean `even`?'),
    ('orders|select(name)', 14, 4, 'write the name of the test as a text', '"name"'),
    ('orders|selectattr', 7, 10, 'the filter `selectattr` needs the argument `attr`', 'its arguments: attr'),
    ("orders|selectattr('id', 'equals', 1)", 24, 8, 'there is no test `equals`', 'did you mean `equalto`?'),
    ("orders|select('divisibleby')", 7, 6, 'the test `divisibleby` needs the argument `num`', 'its arguments: num'),
    ('n is is', 5, 2, 'there is no test `is`', 'the tests are: …'),
    ('n is not', 8, 1, 'the expression ends too early', ''),
    ('1 is 1', 5, 1, "`1` doesn't belong here", ''),
    ('f"{n}"', 1, 5, '`"{n}"` doesn\'t belong here', ''),
    ('x\\y', 1, 1, "`\\` doesn't belong here", ''),
    ('n in', 4, 1, 'the expression ends too early', ''),
    ('not', 3, 1, 'the expression ends too early', ''),
    ('-', 1, 1, 'the expression ends too early', ''),
    ('a.1.2.b()', 6, 1, 'there are no methods: `b`', ''),
    ('1.real()', 2, 4, 'there are no methods: `real`', ''),
    ('(n)(1)', 1, 1, 'there is no function `n`', 'the functions are: …'),
    ('uuid()()', 6, 1, 'only a function can be called', 'they are: uuid, now, time, duration, decimal, any'),
    ('if n', 3, 1, "`n` doesn't belong here", ''),
    ('for x in y', 4, 1, "`x` doesn't belong here", ''),
    ('import os', 7, 2, "`os` doesn't belong here", ''),
    ('n <> 1', 3, 1, "`>` doesn't belong here", ''),
    ('n === 1', 4, 1, "`=` doesn't belong here", 'compare with `==`'),
    ('n++', 3, 1, 'the expression ends too early', ''),
    ('`id`', 0, 1, "``` doesn't belong here", ''),
    ("n ~ '\\ud83d\\ude00'", 4, 14, 'half a surrogate pair is no character', 'write the character itself'),
    ("['\\udfff']", 1, 8, 'half a surrogate pair is no character', 'write the character itself'),
    ("'\\x'", 0, 4, "`'\\x'` doesn't belong here", ''),
    ("'\\N{nope}'", 0, 10, "`'\\N{nope}'` doesn't belong here", ''),
    ('not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not n', 0, 401, 'the expression is nested more than 64 levels deep', 'capture a part of it first'),
    ('((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((n))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))', 0, 161, 'the expression is nested more than 64 levels deep', 'capture a part of it first'),
    ('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]', 0, 140, 'the expression is nested more than 64 levels deep', 'capture a part of it first'),
    ('n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n+n', 0, 159, 'the expression is nested more than 64 levels deep', 'capture a part of it first'),
    ('0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 0, 202, 'the number is too long', ''),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "offset", "length", "message", "help"), REFUSED, ids=[repr(row[0][:40]) for row in REFUSED]
)
def test_a_wrong_text_is_refused_with_its_place(text: str, offset: int, length: int, message: str, help: str) -> None:
    """Before anything is computed, an error says what is wrong, where, and what to do."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    error = caught.value
    shortened = re.sub(r"s are: .*", "s are: …", error.help)
    assert (error.offset, error.length, error.message, shortened) == (offset, length, message, help)


TEMPLATES = [
    ("a {{ b", 2, "`{{` is never closed"),
    ("a {{ 'b }} c", 5, "the text is not closed"),
    ("{% if x %}", 0, "`{%` is not part of this language"),
    ("100 {# c #}", 4, "`{#` is not part of this language"),
    ("{{ a }} {{ }}", 10, "there is no expression here"),
    ("{{- a }}", 2, "`-` beside the braces means nothing here"),
    ("{{ a -}}", 5, "`-` beside the braces means nothing here"),
    ("x {{ a b }}", 7, "`b` doesn't belong here"),
    ("x {{ a | uper }}", 9, "there is no filter `uper`"),
    ("x {{ (a }}", 8, "the expression ends too early"),
    ("{{ {{ a }} }}", 8, "`}` doesn't belong here"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "offset", "message"), TEMPLATES, ids=[row[0] for row in TEMPLATES])
def test_a_wrong_template_is_refused_with_its_place(text: str, offset: int, message: str) -> None:
    """The place counts into the whole template."""
    with pytest.raises(ExpressionError) as caught:
        parse_template(text)
    assert (caught.value.offset, caught.value.message) == (offset, message)
