"""What a step cannot do without: captures and results of others, wherever it uses them."""

from __future__ import annotations

import pytest
from engine.world import plan_of, playbook

from runner.plan import Need

MADE = """  - {id: made, action: whoami, capture: {firm: result.firm, words: '["a"]'}}\n"""
RESULT, FIRM, WORDS = Need("made", ""), Need("made", "firm"), Need("made", "words")

USES = {
    "nothing": ("action: check_health", ()),
    "argument": ('action: log, with: {message: "{{ firm }}"}', (FIRM,)),
    "inside a text": ('action: log, with: {message: "of {{ firm }}"}', (FIRM,)),
    "deep in an argument": ('action: set, with: {a: [{b: "{{ firm }}"}]}', (FIRM,)),
    "when": ("action: check_health, when: firm == 'x'", (FIRM,)),
    "participant": ('action: whoami, participant: "{{ firm }}"', (FIRM,)),
    "expectation": ("action: check_health, expect: [firm == 'x']", (FIRM,)),
    "assert": ("action: assert, with: {that: [firm == 'x']}", (FIRM,)),
    "capture": ("action: check_health, capture: {a: firm}", (FIRM,)),
    "until": ("action: check_health, repeat: {until: firm == 'x', every: 1s, within: 5s}", (FIRM,)),
    "result": ("action: check_health, when: steps.made.result.firm == 'x'", (RESULT,)),
    "capture by its step": ("action: check_health, when: steps.made.firm == 'x'", (FIRM,)),
    "status alone": ("action: check_health, when: steps.made.status == 'passed'", ()),
    "asked for": ("action: check_health, when: firm is defined", ()),
    "asked for with a default": ("action: check_health, when: firm | default('') == ''", ()),
    "two": ("action: check_health, when: 'firm == words[0]'", (FIRM, WORDS)),
    "twice": ("action: check_health, when: firm == firm", (FIRM,)),
    "list of a loop": ("action: check_health, for_each: words", (WORDS,)),
    "in a loop's list": ('action: check_health, for_each: [a, {b: "{{ firm }}"}]', (FIRM,)),
    "item and index": ('action: log, for_each: [1], with: {message: "{{ item }} {{ index }}"}', ()),
    "item of another name": ('action: log, for_each: words, as: word, with: {message: "{{ word }}"}', (WORDS,)),
    "title": ('action: check_health, title: "{{ firm }}"', ()),
}


@pytest.mark.parametrize(("step", "needs"), USES.values(), ids=USES)
def test_needs(step: str, needs: tuple[Need, ...]) -> None:
    """Each place where a name is needed for certain is found; one that is only asked for is no need."""
    plan = plan_of(playbook(f"{MADE}  - {{id: it, {step}}}"))
    assert plan.steps[1].needs == needs


def test_own_names_are_no_needs() -> None:
    """A step does not wait for itself."""
    plan = plan_of(
        playbook("  - {id: it, action: whoami, capture: {a: result.firm, b: a}, expect: [result.firm != '']}")
    )
    assert plan.steps[0].needs == ()
