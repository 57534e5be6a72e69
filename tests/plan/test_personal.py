"""What tells who somebody is comes from secret inputs alone, unless nobody is told about."""

from __future__ import annotations

from typing import Any

import pytest
from engine.people import PERSON, onboard
from engine.world import plan_of, playbook, written_of

from runner.actions import BUILTIN
from runner.actions.kyc_terms import about_nobody
from runner.cli.playbooks import KnownActions
from runner.plan import examine, open_values, personal_inputs, personal_texts
from runner.playbook.load import Forgetful, load
from runner.source import Source

SECRETS = ("ssn", "first_name", "last_name", "date_of_birth", "email", "phone_number", "ip_address", "street", "city")
HEAD = "inputs:\n" + "".join(f"  {name}: {{type: string, secret: true}}\n" for name in SECRETS)
SAFE: dict[str, Any] = {name: f"{{{{ inputs.{name} }}}}" for name in PERSON if name in SECRETS} | {
    "address": {
        "address_line_1": "{{ inputs.street }}",
        "city": "{{ inputs.city }}",
        "state": "NY",
        "postal_code": "{{ inputs.city }}",
        "country": "US",
    }
}


def titles(text: str) -> list[str]:
    memory = Forgetful()
    written = load(Source("playbooks/tried.yaml", text), KnownActions(), memory)
    found = examine(written, BUILTIN, (), memory)
    return [f"{each.title} {each.label}" for each in found if each.severity == "error"]


def test_secret_inputs() -> None:
    """Alone or with text around; two letters tell nobody anything."""
    assert titles(playbook(onboard(**SAFE), head=HEAD)) == []
    assert titles(playbook(onboard(**SAFE | {"email": "{{ inputs.first_name }}@example.com"}), head=HEAD)) == []


KEPT: dict[str, dict[str, Any]] = {
    "literal": {"first_name": "Jo Ann"},
    "plain input": {"first_name": "{{ inputs.plain }}"},
    "text around a plain input": {"first_name": "J. {{ inputs.plain }}"},
    "capture": {"first_name": "{{ taken }}"},
    "earlier result": {"first_name": "{{ steps.before.result.name }}"},
    "constant expression": {"first_name": "{{ 'Jo Ann' }}"},
    "both": {"first_name": "{{ inputs.plain }}{{ inputs.last_name }}"},
    "inside the address": {"address": SAFE["address"] | {"city": "Albany"}},
}


@pytest.mark.parametrize("changes", KEPT.values(), ids=KEPT)
def test_what_would_be_kept(changes: dict[str, Any]) -> None:
    """Each is told once a step, by the argument."""
    before = "  - {id: before, action: set, with: {name: x}, capture: {taken: result.name}}\n"
    head = f"{HEAD}  plain: {{type: string, default: Jo}}\n"
    found = [each for each in titles(playbook(before + onboard(**SAFE | changes), head=head)) if "secret" in each]
    assert len(found) == 1
    assert found[0].endswith(f"`{next(iter(changes))}`")


def test_a_loop_over_people() -> None:
    """Each of them has to be invented."""
    people = [{"ssn": "000000001", "name": "Jo Ann"}, {"ssn": "666000001", "name": "Lu Ann"}]
    steps = onboard(ssn="{{ item.ssn }}", first_name="{{ item.name }}", more=f"for_each: {people}")
    assert titles(playbook(steps)) == []
    real = steps.replace("666000001", "123456789")
    assert len(titles(playbook(real))) == 1


def test_other_actions() -> None:
    """What is not marked as personal may stand anywhere."""
    assert titles(playbook("  - {id: it, action: check_kyc, with: {external_id: user-1}}")) == []


@pytest.mark.parametrize(
    ("number", "nobody"),
    [
        ("000123456", True),
        ("666123456", True),
        ("123001234", True),
        ("123450000", True),
        ("123456789", False),
        ("900701234", False),
        ("0001234567", False),
        ("000-12-3456", False),
        (0, False),
        (None, False),
    ],
)
def test_numbers_that_nobody_has(number: object, nobody: bool) -> None:
    """Those that are never given to anybody, as the venue wants them written; no other proves anything."""
    assert about_nobody({"ssn": number}) == nobody
    assert not about_nobody({})


SOURCES = {
    "direct": (onboard(first_name="{{ inputs.a }}"), {"a"}),
    "field": (onboard(first_name="{{ inputs.o.name }}"), {"o"}),
    "by a set": (
        '  - {id: s, action: set, with: {n: "{{ inputs.a }}"}, capture: {c: result.n}}\n'
        + onboard(first_name="{{ c }}"),
        {"a"},
    ),
    "by a result": (
        '  - {id: s, action: set, with: {n: "{{ inputs.a }}"}}\n' + onboard(first_name="{{ steps.s.result.n }}"),
        {"a"},
    ),
    "by a loop": (onboard(first_name="{{ item }}", more="for_each: inputs.l"), {"l"}),
    "by a loop's list": (onboard(first_name="{{ who.n }}", more='for_each: [{n: "{{ inputs.a }}"}]\nas: who'), {"a"}),
    "secret": (onboard(first_name="{{ inputs.s }}"), set()),
    "not personal": (onboard(external_id="{{ inputs.a }}"), set()),
}


@pytest.mark.parametrize(("steps", "inputs"), SOURCES.values(), ids=SOURCES)
def test_inputs_that_tell_of_people(steps: str, inputs: set[str]) -> None:
    """However the playbook itself moves them."""
    head = """inputs:
  a: {type: string, default: Jo Ann}
  o: {type: object, default: {name: Jo Ann, more: [{deep: Lu Ann, number: 17}]}}
  l: {type: list, default: [Jo Ann]}
  s: {type: string, secret: true}
"""
    plan = plan_of(playbook(steps, head=head), secrets={"s": "secret"})
    assert personal_inputs(plan) == inputs
    assert bool(list(open_values(plan)))
    assert ("Jo Ann" in set(personal_texts(plan))) == bool(inputs)


def test_texts_for_the_redactor() -> None:
    """Every text in such an input however deep, numbers too, and the literals."""
    head = "inputs:\n  o: {type: object, default: {name: Jo Ann, more: [{deep: Lu Ann, number: 17}], gone: null}}"
    plan = plan_of(playbook(onboard(first_name="{{ inputs.o.name }}"), head=head))
    assert {"Jo Ann", "Lu Ann", "17", "Zweig", "1 Elm Row", "123450000"} <= set(personal_texts(plan))
    assert "NY" not in set(personal_texts(plan))


CALL = "  - {{id: call, action: run_playbook, with: {{path: join.yaml, inputs: {inputs}}}}}\n"


def included(inputs: str, inside: str, head: str) -> list[str]:
    """What is said of a playbook that hands ``inputs`` to one which takes a person on."""
    files = {"join.yaml": playbook(inside, head=head)}
    written = written_of(playbook(CALL.format(inputs=inputs), head=HEAD), files)
    return [each.title for each in examine(written, BUILTIN, (), Forgetful()) if "who somebody is" in each.title]


def test_in_an_included_playbook() -> None:
    """What it is handed counts: secrets of its caller, or a person who was invented for certain."""
    secrets = "{" + ", ".join(f'{name}: "{{{{ inputs.{name} }}}}"' for name in SECRETS) + "}"
    assert included(secrets, onboard(**SAFE), HEAD) == []
    named = onboard(**SAFE | {"first_name": "{{ inputs.plain }}", "ssn": "{{ inputs.number }}"})
    head = f"{HEAD}  plain: {{type: string}}\n  number: {{type: string}}\n"
    for number, told in (("'000000001'", 0), ("'123456789'", 1), ("'{{ run.id }}'", 1)):
        handed = secrets[:-1] + f", plain: Jo, number: {number}}}"
        assert len(included(handed, named, head)) == told, number


def test_what_an_included_playbook_is_told_is_hidden() -> None:
    """Whether it stands in the caller, or comes from an input of the caller's."""
    inside = onboard(first_name="{{ inputs.name }}", last_name="{{ inputs.family }}")
    files = {"join.yaml": playbook(inside, head="inputs: {name: {type: string}, family: {type: string}}")}
    call = CALL.format(inputs='{name: Josephine, family: "{{ inputs.family }}"}')
    plan = plan_of(playbook(call, head="inputs: {family: {type: string}}"), {"family": "Smithers"}, files=files)
    assert personal_inputs(plan) == {"family"}
    assert {"Josephine", "Smithers"} <= set(personal_texts(plan))
