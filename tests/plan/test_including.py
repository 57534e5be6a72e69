"""Plans of playbooks that include others: one plan, one hash, and every step of the whole to be seen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from engine.world import ORDER, plan_of, playbook, written_of

from runner.cli.playbooks import KnownActions
from runner.diagnostic import Diagnostic
from runner.errors import GuardRefused, WrongInput
from runner.playbook.including import MOST_DEEP, MOST_FILES, KeptTexts, Opened, sha256_of, texts_to_plain, with_included
from runner.playbook.load import Forgetful, load

HEAD = "inputs: {price: {type: decimal, default: 0.5}, name: {type: string, default: x}}"
SAID = "  - {id: said, action: log, with: {message: '{{ inputs.name }}'}}\n"


def call(path: str = "a.yaml", id: str = "call", more: str = "") -> str:
    return f"  - {{id: {id}, action: run_playbook, with: {{path: {path}{more}}}}}\n"


FILES = {
    "a.yaml": playbook(SAID + call("b.yaml", "deeper"), head=HEAD, tail=f"finally:\n{SAID.replace('said', 'last')}"),
    "b.yaml": playbook(ORDER),
}


def test_every_step_is_seen() -> None:
    """By its path, and whether it is one of a `finally` somewhere above."""
    tail = "finally:\n" + call(id="at_end")
    plan = plan_of(playbook(call(), tail=tail), files=FILES)
    assert [step.path for step in plan.own_steps] == ["call", "finally.at_end"]
    below = ("said", "deeper", "finally.last", "deeper/order")
    assert {step.path for step in plan.all_steps} == {
        *("call", "finally.at_end"),
        *(f"{caller}/{each}" for caller in ("call", "finally.at_end") for each in below),
    }
    last = {step.path for step in plan.all_steps if step.in_finally}
    assert last == {"call/finally.last", "finally.at_end", *(f"finally.at_end/{each}" for each in below)}


def test_what_is_known_of_the_inputs() -> None:
    """Defaults, what is written, and what the caller's own inputs tell."""
    handed = ', inputs: {price: "{{ inputs.price * 2 }}", name: "{{ run.id }}"}'
    plan = plan_of(playbook(call(more=handed), head=HEAD), {"price": "0.2"}, files=FILES)
    (step,) = plan.own_steps
    assert step.included is not None
    assert step.included.inputs == {"price": Decimal("0.4")}


def test_a_known_value_that_it_does_not_take() -> None:
    """Is told before anything is sent, with its place, unless the step may not be performed at all."""
    files = {"a.yaml": playbook(SAID, head=HEAD.replace("default: 0.5", "default: 0.5, maximum: 0.9"))}
    handed = call(more=', inputs: {price: "{{ inputs.price * 2 }}"}')
    with pytest.raises(WrongInput, match=r"at most 0\.9 is wanted, not 1\.0"):
        plan_of(playbook(handed, head=HEAD), files=files)
    careful = handed.replace("id: call", "id: call, when: run.id == ''")
    assert plan_of(playbook(careful, head=HEAD), files=files)


def test_limits_by_what_is_handed() -> None:
    """Each time that it is performed counts for the caller, and for its own limits alone."""
    placing = ORDER.replace("price: 0.5", 'price: "{{ inputs.price }}"')
    files = {"a.yaml": playbook(placing, head=f"{HEAD}\nlimits: {{exposure: 3}}")}
    loop = call(more=', inputs: {price: "{{ inputs.price }}"}').replace("id: call", "id: call, for_each: [1, 2]")
    assert plan_of(playbook(loop, head=f"{HEAD}\nlimits: {{exposure: 6}}"), {"price": "0.3"}, files=files)
    with pytest.raises(GuardRefused, match=r"step `call/order`: .*\$4.0 at risk, and the limit is 3"):
        plan_of(playbook(loop, head=HEAD), {"price": "0.4"}, files=files)
    with pytest.raises(GuardRefused, match=r"step `call/order`: .*\$6.0 at risk, and the limit is 5"):
        plan_of(playbook(loop, head=f"{HEAD}\nlimits: {{exposure: 5}}"), {"price": "0.3"}, files=files)


def sha256(files: dict[str, str], steps: str = "") -> str:
    return plan_of(playbook(steps or call()), files=files).sha256


def test_the_hash_covers_what_is_included() -> None:
    """A change anywhere changes it; a playbook alone has that of its text."""
    changed = FILES | {"b.yaml": FILES["b.yaml"] + "# changed\n"}
    assert sha256(FILES) == sha256(dict(FILES))
    assert sha256(FILES) != sha256(changed)
    alone = written_of(playbook(ORDER))
    assert sha256_of(alone) == plan_of(playbook(ORDER)).sha256


def test_kept_texts() -> None:
    """Are all that is needed to have the same whole again."""
    written = written_of(playbook(call()), FILES)
    shelf = KeptTexts(texts_to_plain(written))
    again = with_included(
        load(written.source, KnownActions(), Forgetful()),
        Opened(written.source, shelf.top),
        shelf,
        lambda each: load(each, KnownActions(), Forgetful()),
    )
    assert again == written
    assert sha256_of(again) == sha256_of(written)


def problems(text: str, files: dict[str, str]) -> list[str]:
    with pytest.raises(WrongInput) as wrong:
        written_of(text, files)
    return [each.title for each in wrong.value.diagnostics if isinstance(each, Diagnostic)]


def chain(length: int) -> dict[str, str]:
    return {f"{at}.yaml": playbook(call(f"{at + 1}.yaml")) for at in range(length)} | {
        f"{length}.yaml": playbook(SAID, head=HEAD)
    }


def test_how_deep() -> None:
    """Eight levels below the top, by whichever way they are reached."""
    top = playbook(call("0.yaml"))
    assert written_of(top, chain(MOST_DEEP - 1)).included
    assert problems(top, chain(MOST_DEEP)) == ["playbooks include each other too deep"]
    short_first = playbook(call(f"{MOST_DEEP - 1}.yaml", "short") + call("0.yaml", "long"))
    assert problems(short_first, chain(MOST_DEEP)) == ["playbooks include each other too deep"]


def test_how_many() -> None:
    """A hundred files; one of them many times is one, and yet it can't be a million times."""
    files = {f"{at}.yaml": playbook(SAID, head=HEAD) for at in range(MOST_FILES + 1)}
    steps = [call(f"{at}.yaml", f"call{at}") for at in range(MOST_FILES + 1)]
    assert written_of(playbook("".join(steps[:-1])), files)
    assert problems(playbook("".join(steps)), files) == ["too many playbooks are included"]
    assert written_of(playbook("".join(call("0.yaml", f"call{at}") for at in range(200))), files)
    ten = {f"{at}.yaml": playbook("".join(call(f"{at + 1}.yaml", f"c{n}") for n in range(10))) for at in range(5)}
    assert "too much is included" in problems(playbook(call("0.yaml")), ten | {"5.yaml": playbook(SAID, head=HEAD)})


def test_mistakes_are_told_once_and_at_their_place() -> None:
    """However often the playbook is included."""
    files = {"a.yaml": playbook("  - {id: a, acton: log}"), "b.yaml": playbook(call("c.yaml"))}
    text = playbook(call(id="one") + call(id="two") + call("b.yaml", "three"))
    assert problems(text, files) == ["no playbook `c.yaml` to include", "unknown key `acton`"][::-1]


def test_a_playbook_that_includes_none_is_a_plan_alone() -> None:
    """Nothing about it has changed."""
    plan = plan_of(playbook(ORDER))
    assert (plan.plans, plan.all_steps) == ((plan,), plan.own_steps)
