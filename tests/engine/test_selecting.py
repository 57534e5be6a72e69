"""What `--tags`, `--skip-tags` and `--from` leave out, and what that makes of the rest of a run."""

from __future__ import annotations

import pytest

from engine.world import World, plan_of, playbook
from runner.cli.playbooks import KnownActions
from runner.diagnostic import Diagnostic
from runner.errors import GuardRefused, WrongInput
from runner.plan import Plan, Selection
from runner.plan.selecting import selected, unknown_tags
from runner.playbook.load import Forgetful, load
from runner.record.events import CallMade, StepStatus
from runner.reporters.lines import details, outcome, summary
from runner.source import Source

STEPS = """
  - {id: me, action: whoami, tags: [fast], capture: {firm: result.firm}}
  - {id: health, action: check_health, tags: [slow, net]}
  - {id: said, action: log, tags: [net], with: {message: "{{ firm }}"}, capture: {words: result}}
  - {id: again, action: log, with: {message: "{{ words }} {{ firm }}"}, severity: advisory}
"""
LAST = "finally:\n  - {id: bye, action: log, with: {message: bye}, tags: [end]}"
TEXT = playbook(STEPS, head="tags: [all]", tail=LAST)

P: StepStatus = "passed"
S: StepStatus = "skipped"
B: StepStatus = "blocked"
CASES: dict[str, tuple[Selection, list[StepStatus], int]] = {
    "all": (Selection(), [P, P, P, P, P], 0),
    "one tag": (Selection(tags=("fast",)), [P, S, S, S, P], 0),
    "one of several": (Selection(tags=("fast", "slow")), [P, P, S, S, P], 0),
    "the playbook's tag": (Selection(tags=("all",)), [P, P, P, P, P], 0),
    "blocked by a tag": (Selection(tags=("net",)), [S, P, B, S, P], 0),
    "skipped": (Selection(skip_tags=("slow",)), [P, S, P, P, P], 0),
    "skipped and blocked by it": (Selection(skip_tags=("fast",)), [S, P, B, B, P], 0),
    "both": (Selection(tags=("net",), skip_tags=("slow",)), [S, S, B, S, P], 0),
    "finally by name": (Selection(skip_tags=("end",)), [P, P, P, P, S], 0),
    "only finally": (Selection(tags=("end",)), [S, S, S, S, P], 0),
    "from the first": (Selection(start="me"), [P, P, P, P, P], 0),
    "from a later one": (Selection(start="said"), [S, S, B, B, P], 1),
    "from where nothing counts": (Selection(start="again"), [S, S, S, B, P], 0),
    "from and tags": (Selection(tags=("net",), start="health"), [S, P, B, S, P], 1),
}


@pytest.mark.parametrize(("selection", "statuses", "exit_code"), CASES.values(), ids=CASES)
def test_selected(selection: Selection, statuses: list[StepStatus], exit_code: int, world: World) -> None:
    """Steps that are not selected are skipped; `finally` is performed unless `--skip-tags` names it. What `--from`
    leaves blocked fails the run, unless it is advisory; what a tag leaves blocked does not."""
    ran = world.perform(selected(plan_of(TEXT), selection))
    assert list(ran.statuses().values()) == statuses
    assert ran.exit_code == exit_code
    names = {each.url.rpartition("/")[2] for each in ran.of(CallMade)}
    assert ("whoami" in names, "health" in names) == (statuses[0] == P, statuses[1] == P)


REASONS = [
    (Selection(tags=("net", "slow")), "me", "skipped  not tagged net or slow"),
    (Selection(skip_tags=("fast",)), "me", "skipped  tagged fast"),
    (Selection(start="health"), "me", "skipped  before `--from health`"),
    (Selection(start="health", skip_tags=("fast",)), "me", "skipped  before `--from health`"),
    (Selection(start="health"), "said", "blocked by me"),
    (Selection(skip_tags=("end",)), "bye", "skipped  tagged end"),
]


@pytest.mark.parametrize(("selection", "step", "expected"), REASONS, ids=[row[2] for row in REASONS])
def test_the_line_says_why(selection: Selection, step: str, expected: str, world: World) -> None:
    """A reader of the log need not know how the command was typed."""
    ran = world.perform(selected(plan_of(TEXT), selection))
    assert outcome(ran.step(step)) == expected


def test_what_from_leaves_blocked_says_what_to_do(world: World) -> None:
    """The first cause is named, also by a step that is blocked by one that is blocked."""
    ran = world.perform(selected(plan_of(TEXT), Selection(start="health")))
    for id in ("said", "again"):
        assert list(details(ran.step(id))) == [
            "    error     it needs what step `me` makes, and that is before `--from health`",
            "    help      begin with `--from me`, or with a step before it",
        ]


def test_from_weighs_more_than_a_tag(world: World) -> None:
    """Of two causes the one that fails the run is told."""
    steps = """
  - {id: first, action: set, with: {a: 1}, tags: [x], capture: {one: result.a}}
  - {id: second, action: set, with: {a: 1}, tags: [y], capture: {two: result.a}}
  - {id: third, action: log, with: {message: "{{ two }} {{ one }}"}}
"""
    ran = world.perform(selected(plan_of(playbook(steps)), Selection(skip_tags=("y",), start="second")))
    assert (ran.exit_code, ran.step("third").finished.blocked_by) == (1, "first")  # type: ignore[union-attr]


def test_a_left_out_loop_is_one_row(world: World) -> None:
    """Its list is not even looked at."""
    steps = """
  - {id: loop, action: log, tags: [x], for_each: inputs.x, with: {message: a}}
  - {id: b, action: log, with: {message: b}}
"""
    text = playbook(steps, head="inputs: {x: {type: list, default: [1, 2]}}")
    ran = world.perform(selected(plan_of(text), Selection(skip_tags=("x",))))
    assert ran.statuses() == {"loop": "skipped", "b": "passed"}
    assert ran.step("loop").items == ()


@pytest.mark.parametrize("when", ["true", "false"])
def test_a_run_that_performed_nothing_says_so(when: str, world: World) -> None:
    """Passing is no news where nothing was done."""
    ran = world.run(playbook(f"  - {{id: a, action: log, when: {when}, with: {{message: a}}}}"))
    assert ("(no step was performed)" in summary(ran.result)) == (when == "false")


WRONG = [
    (Selection(start="sad"), "`--from sad`: `tried` has no such step", "did you mean `said`?"),
    (Selection(start="zzz"), "`--from zzz`: `tried` has no such step", "its steps: me, health, said, again"),
    (Selection(start="bye"), "`--from bye`: `tried` has no such step", "steps of `finally` are performed whatever …"),
    (Selection(tags=("fats",)), "`--tags fats` selects no step of `tried`", "did you mean `fast`?"),
    (Selection(tags=("q",)), "`--tags q` selects no step of `tried`", "there is: all, end, fast, net, slow"),
    (Selection(skip_tags=("all",)), "`--skip-tags all` selects no step of `tried`", "there is: all, …"),
    (Selection(("fast",), ("all",)), "`--tags fast --skip-tags all` selects no step of `tried`", "there is: all, …"),
    (Selection(("fast",), (), "said"), "`--tags fast --from said` selects no step of `tried`", "there is: all, …"),
]


@pytest.mark.parametrize(("selection", "title", "help"), WRONG, ids=[row[1] for row in WRONG])
def test_what_selects_nothing_is_wrong(selection: Selection, title: str, help: str) -> None:
    """So is a step that is not there; the message tells what is."""
    with pytest.raises(WrongInput) as caught:
        selected(plan_of(TEXT), selection)
    (found,) = caught.value.diagnostics
    assert isinstance(found, Diagnostic)
    assert (found.title, found.help[: len(help.rstrip("…"))]) == (title, help.rstrip("…"))


def test_an_unknown_tag_is_warned_of_unless_some_playbook_has_it() -> None:
    """A slip in `--skip-tags` must not go unseen."""
    plans = [plan_of(TEXT), plan_of(playbook("  - {id: a, action: log, tags: [other], with: {message: a}}"))]
    told = [each.title for each in unknown_tags(plans, Selection(("fast", "x"), ("other", "slwo")))]
    assert told == ["`--tags x`: no step has this tag", "`--skip-tags slwo`: no step has this tag"]


ORDERS = """
  - {id: one, action: place_order, tags: [a], with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: "{{ inputs.q }}"}}
  - {id: two, action: place_order, tags: [b], with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: "{{ inputs.q }}"}}
"""


def orders(selection: Selection) -> Plan:
    from decimal import Decimal

    from runner.actions import BUILTIN
    from runner.plan import build

    text = playbook(ORDERS, head="inputs: {q: {type: decimal}}\nlimits: {exposure: 1}")
    written = load(Source("tried.yaml", text), KnownActions(), Forgetful())
    return build(written, BUILTIN, {"q": Decimal(2)}, (), Forgetful(), selection)


def test_what_is_left_out_counts_against_no_limit() -> None:
    """Two orders are too much, each alone is not."""
    with pytest.raises(GuardRefused):
        orders(Selection())
    assert [each.left_out is None for each in orders(Selection(tags=("b",))).steps] == [False, True]
