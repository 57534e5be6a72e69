"""Templates: whole ones keep their type, mixed ones make a text, secrets stay secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest

from runner.expression import EvaluationError, Template, evaluate, parse_expression, parse_template, render
from runner.redact import Secret

from .world import FUNCTIONS, SCOPE


def rendered(text: str) -> object:
    return render(parse_template(text), SCOPE, FUNCTIONS)


WHOLE = [
    ("{{ n }}", 7),
    ("{{n}}", 7),
    ("{{ n }}\n", 7),
    ("{{ number }}", "123"),
    ("{{ price }}", Decimal("0.57")),
    ("{{ [n] if n else [] }}", [7]),
    ("{{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
    ("{{ {'a': {'b': 1}}}}", {"a": {"b": 1}}),
    ("{{ '}}' }}", "}}"),
    ("{{ nothing }}", None),
]
MIXED = [
    ("plain", "plain"),
    ("no } braces {", "no } braces {"),
    (" {{ n }} ", " 7 "),
    ("{{ n }}{{ n }}", "77"),
    ("id-{{ number }}", "id-123"),
    ("{{ price }} of {{ name }}", "0.57 of Ann"),
    ("{{ yes }} {{ nothing }}", "true null"),
    ("at {{ noon }}", "at 2026-03-04T12:00:00Z"),
    ("for {{ duration('90s') }}", "for 90s"),
    ("{{ [1, 'a'] }}!", '[1, "a"]!'),
    ("a\r\n{{ n }}\n\n", "a\r\n7\n\n"),
    ('{{ "{{" }} {{ "}}" }}', "{{ }}"),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE, ids=[text for text, _ in WHOLE])
def test_a_single_expression_keeps_its_type(text: str, expected: object) -> None:
    """An integer stays an integer, the text "123" a text."""
    template = parse_template(text)
    assert isinstance(template, Template)
    assert template.whole
    assert repr(render(template, SCOPE, FUNCTIONS)) == repr(expected)


@pytest.mark.parametrize(("text", "expected"), MIXED, ids=[text for text, _ in MIXED])
def test_mixed_text_makes_a_text(text: str, expected: str) -> None:
    """Every character outside the braces is kept."""
    assert rendered(text) == expected


def test_text_without_braces_is_itself() -> None:
    """Nothing is wrapped where nothing is computed."""
    assert parse_template("plain") == "plain"


def test_what_was_computed_is_not_rendered_again() -> None:
    """A server's answer is data, whatever it contains."""
    scope = {"answer": "{{ key }} {% x %}", "key": "no"}
    for text, expected in (("{{ answer }}", "{{ key }} {% x %}"), ("<{{ answer }}>", "<{{ key }} {% x %}>")):
        assert render(parse_template(text), scope, FUNCTIONS) == expected


def test_a_secret_stays_one() -> None:
    """Whole, with text around it, chosen, inside a list: never a plain text."""
    assert rendered("{{ key }}") == Secret("hunter2-hunter2")
    assert rendered("Bearer {{ key }}/{{ n }}") == Secret("Bearer hunter2-hunter2/7")
    assert rendered("{{ key if n else 0 }}") == Secret("hunter2-hunter2")
    assert rendered("{{ {'a': [key]} }}") == {"a": [Secret("hunter2-hunter2")]}
    assert rendered("{{ missing | default(key) }}") == Secret("hunter2-hunter2")
    with pytest.raises(EvaluationError, match="secret"):
        rendered("list: {{ [key] }}")


def test_the_place_of_an_error_counts_into_the_template() -> None:
    """Parsing and computing agree about where it is."""
    text = "id {{ n }} and {{ result.ordr }}"
    with pytest.raises(EvaluationError) as caught:
        rendered(text)
    assert text[caught.value.offset :][: caught.value.length] == "ordr"


class _Frozen(Mapping[str, object]):
    def __init__(self, content: dict[str, object]) -> None:
        self._content = content

    def __getitem__(self, key: str) -> object:
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)


def test_containers_come_out_plain_and_new() -> None:
    """Frozen mappings and tuples become dicts and lists; changing a result changes nothing else."""
    inner: dict[str, object] = {"items": (1, 2)}
    value = evaluate(parse_expression("x"), {"x": _Frozen({"a": inner})}, FUNCTIONS)
    assert value == {"a": {"items": [1, 2]}}
    assert type(value) is dict
    value["a"]["items"].append(3)
    assert inner == {"items": (1, 2)}
    assert evaluate(parse_expression("x.a['items'][0]"), {"x": _Frozen({"a": inner})}, FUNCTIONS) == 1
