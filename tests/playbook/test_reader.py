"""Strict YAML: what every kind of scalar means, where everything stands, and what is refused without being built."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from runner.errors import WrongInput
from runner.playbook.nodes import ListNode, MapNode, Node, ScalarNode, place
from runner.playbook.reader import decode, read
from runner.source import Source

pytestmark = pytest.mark.usefixtures("either_parser")

WRONG = Path(__file__).parent / "wrong"


def tree(text: str) -> Node:
    return read(Source("f.yaml", text))


def at(node: Node, *path: str | int) -> Node:
    for part in path:
        if isinstance(part, int):
            assert isinstance(node, ListNode)
            node = node.items[part]
        else:
            assert isinstance(node, MapNode)
            found = node.get(part)
            assert found is not None
            node = found
    return node


TEXTS = [
    *["yes", "no", "on", "off", "y", "n", "Yes", "NO", "tRue", "nUll", "None", "nil", "none"],
    *["12:30", "1:30:00", "2026-01-02", "2026-01-02T03:04:05Z", "017", "00", "-017", "01.5", "08", "0b11", "0o18"],
    *[
        "1_000",
        "1,000",
        "0xfg",
        "0X1F",
        "0O17",
        "-0x1f",
        "+0o7",
        "1e",
        "e5",
        ".",
        "+",
        "1.2.3",
        "1-2",
        "--1",
        "1 2",
    ],
    *["=", "<", "inf", "nan", "+.nan", ".INf", "$0.57", "50%", "a#b", "a:b", "1e5x", "½", "٣"],
]
INTEGERS = {
    "0": 0,
    "7": 7,
    "-7": -7,
    "+7": 7,
    "-0": 0,
    "12345678901234567890": 12345678901234567890,
    "0x1f": 31,
    "0xFF": 255,
    "0o17": 15,
    "0x0": 0,
    "9" * 38: int("9" * 38),
}
DECIMALS = [
    *["0.57", "-0.5", "+1.50", "1.", ".5", "-.5", "1e3", "1E3", "1.5e-3", "1e+30", "1e-30", "0.0", "1e007"],
    "0." + "1" * 37,
]
OTHERS: dict[str, object] = {
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys(["null", "Null", "NULL", "~", ""]),
}
REFUSED = [
    *[".inf", "-.inf", "+.INF", ".Inf", ".nan", ".NaN", ".NAN"],
    *["1e31", "1e-31", "-2.5E+400000000", "9" * 39, "0." + "1" * 38, "0x" + "f" * 40, "0o" + "7" * 60],
]
SCALARS: list[tuple[str, object]] = [
    *((text, text) for text in TEXTS),
    *INTEGERS.items(),
    *((text, Decimal(text)) for text in DECIMALS),
    *OTHERS.items(),
]


@pytest.mark.parametrize(("text", "value"), SCALARS, ids=[text[:12] or "nothing" for text, _ in SCALARS])
def test_an_unquoted_word_means_what_the_core_schema_says(text: str, value: object) -> None:
    """Texts that look like numbers or times to older readers stay texts; numbers are exact, never binary floats."""
    found = at(tree(f"a: {text}\n"), "a").plain()
    assert (found, type(found), str(found)) == (value, type(value), str(value))


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:12])
def test_a_number_without_bounds_is_refused(text: str) -> None:
    """Infinities, more than 38 digits and exponents beyond 30 are errors at their place, and cost no time."""
    with pytest.raises(WrongInput) as refused:
        tree(f"a: {text}\n")
    assert "--> f.yaml:1:4\n" in str(refused.value)


TAGGED: list[tuple[str, object]] = [
    ("!!str 5", "5"),
    ("! 5", "5"),
    ("!!int '5'", 5),
    ("!!float 3", Decimal(3)),
    ("!!bool 'true'", True),
    ("!!null ''", None),
    ("!!seq [1]", [1]),
    ("!!map {b: 1}", {"b": 1}),
    ("!<tag:yaml.org,2002:str> 1", "1"),
]


@pytest.mark.parametrize(("text", "value"), TAGGED, ids=[text for text, _ in TAGGED])
def test_core_tags_are_read(text: str, value: object) -> None:
    """The tags of the core schema say what a value is."""
    assert at(tree(f"a: {text}\n"), "a").plain() == value


WRONGLY_TAGGED = [
    "!!int x",
    "!!float true",
    "!!bool 1",
    "!!null 0",
    "!!set {a: }",
    "!!binary YQ==",
    "!mine 1",
    "!!str [1]",
]


@pytest.mark.parametrize("text", WRONGLY_TAGGED)
def test_other_tags_are_refused(text: str) -> None:
    """A tag can't bring in anything but plain values."""
    with pytest.raises(WrongInput):
        tree(f"a: {text}\n")


VALUES: list[tuple[str, Any]] = [
    ("base: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}\n", {"base": {"x": 1, "y": 2}, "c": {"y": 3, "x": 1}}),
    (
        "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n",
        {"a": {"x": 1}, "b": {"x": 2, "y": 2}, "c": {"x": 1, "y": 2}},
    ),
    ("a: &a [1]\nb: *a\nc: &a 2\nd: *a\n", {"a": [1], "b": [1], "c": 2, "d": 2}),
    ("'1': a\n'true': b\nyes: c\n? d\n: e\n", {"1": "a", "true": "b", "yes": "c", "d": "e"}),
    ("a: \"tab\\t \t\"\nb: '\t'\nc: |\n  x\ty\n# a\tcomment\n", {"a": "tab\t \t", "b": "\t", "c": "x\ty\n"}),
    ("a: >-\n  one\n  two\nb: |+\n  x\n\n", {"a": "one two", "b": "x\n\n"}),
    ("a: http://x/y\nb: [a:b, c]\n", {"a": "http://x/y", "b": ["a:b", "c"]}),
    ("--- \na: 1\n...\n", {"a": 1}),
    ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ("- \n- ~\n", [None, None]),
    ("5", 5),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text.split("\n")[0] for text, _ in VALUES])
def test_a_text_becomes_its_values(text: str, value: object) -> None:
    """Anchors, aliases, merges, block texts and every kind of line end."""
    assert tree(text).plain() == value


PLACES: list[tuple[str, tuple[str | int, ...], tuple[int, int, int]]] = [
    ("a: 0.57 # x\n", ("a",), (1, 4, 4)),
    ("- é😀: 'x y'\n", (0, "é😀"), (1, 7, 5)),
    ("a:\n  - b: {c: [1, 22]}\n", ("a", 0, "b", "c", 1), (2, 16, 2)),
    ("a: one\n  two\n", ("a",), (1, 4, 3)),
    ("a: |\n  text\n", ("a",), (1, 4, 1)),
    ("a: {b: 1}\n", ("a",), (1, 4, 6)),
    ("a:\n", ("a",), (1, 3, 1)),
    ("a: &x 12\n", ("a",), (1, 7, 2)),
    ("a: !!str &x 'bc'\n", ("a",), (1, 13, 4)),
]


@pytest.mark.parametrize(("text", "path", "expected"), PLACES, ids=[text.split("\n")[0] for text, _, _ in PLACES])
def test_a_value_knows_its_place(text: str, path: tuple[str | int, ...], expected: tuple[int, int, int]) -> None:
    """Line, column and length in characters, however many bytes they have."""
    span = at(tree(text), *path).span
    assert (span.line, span.column, span.length) == expected


COLUMNS: list[tuple[str, str]] = [
    ("a: x == b", "=="),
    ("a: 'x == b'", "=="),
    ("a: &anchor x == b", "=="),
    ("a: &anchor 'it''s == b'", "=="),
    ("a: 'it''s == b'", "=="),
    ('a: "\\"x\\" \\u0041 == b"', "=="),
    ('a: "\\U0001F600\\t == b"', "=="),
]


@pytest.mark.parametrize(("text", "wanted"), COLUMNS, ids=[text for text, _ in COLUMNS])
def test_a_character_of_a_text_has_its_column(text: str, wanted: str) -> None:
    """Also behind escapes: an error in an expression points at the very word."""
    node = at(tree(text), "a")
    assert isinstance(node, ScalarNode)
    assert isinstance(node.value, str)
    found = place(node.span, node.start, node.value.index(wanted), len(wanted))
    assert (found.column, found.length) == (text.index(wanted) + 1, len(wanted))


def test_aliases_are_counted_without_being_expanded() -> None:
    """A few lines that stand for 10**30 values are refused at once."""
    lines = ["x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 30)]
    began = process_time()
    with pytest.raises(WrongInput, match="more than 500,000 values"):
        tree("\n".join(lines))
    assert process_time() - began < 1


def test_sixty_four_levels_are_allowed_and_no_more() -> None:
    """The bound is exact."""
    assert tree("[" * 64 + "]" * 64).plain() is not None
    with pytest.raises(WrongInput, match="more than 64 levels"):
        tree("[" * 65 + "]" * 65)


def test_a_flood_of_problems_is_cut() -> None:
    """A hundred are shown, with a line that says so."""
    text = "\n".join(["a: 1"] * 5_000)
    with pytest.raises(WrongInput) as refused:
        tree(text)
    assert len(refused.value.diagnostics) == 101
    assert str(refused.value).startswith("error: only 100 problems are shown\n")


def test_a_file_of_more_than_8_mib_is_refused() -> None:
    """Its size alone is enough to know."""
    with pytest.raises(WrongInput, match="longer than 8 MiB"):
        decode("f.yaml", b"a" * (8 * 1024 * 1024 + 1))
    with pytest.raises(WrongInput, match="longer than 8 MiB"):
        tree("a" * (8 * 1024 * 1024 + 1))


@pytest.mark.parametrize("path", sorted(WRONG.glob("yaml-*.yaml")), ids=lambda path: path.stem)
def test_both_parsers_complain_alike(path: Path) -> None:
    """Whether PyYAML's fast parser was built makes no difference to what a person reads."""
    with pytest.raises(WrongInput) as refused:
        read(decode(f"wrong/{path.name}", path.read_bytes()))
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert all(each.picture() in expected for each in refused.value.diagnostics)


ODD = [
    *["a:\tb\n", "a: b\tc\n", "[a,\tb]\n", 'a: "x #"\t\n', "- \tx\n", "a: b\t\n", '"a"\t: b\n', "a: |\n  x\n\ty\n"],
    *['a: "\\ud800"\n', 'a: "\\U00110000"\n', 'a: "\\xZZ"\n', 'a: "x\n--- "\n', "a: [1, {b\n", "a: !x! 1\n", "&a *b\n"],
    *["a: 1\n]\n", "a: }\n", "? a\n: {", "a: %x\n", "a: |2x\n b\n", "a: >-\n\n   x\n  y\n", "a: |0\n x\n"],
]


@pytest.mark.parametrize("text", ODD, ids=repr)
def test_what_only_one_parser_refuses_is_refused_by_both(text: str) -> None:
    """Tabs between words, escapes of no character and the like, each with a place."""
    with pytest.raises(WrongInput, match=r"--> f\.yaml:"):
        tree(text)
