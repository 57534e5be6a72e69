"""The HTML report as a file: self-contained by its own policy, complete, and of a bearable size."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reporters import made
from runner.record.result import RunResult
from runner.reporters.html.page import text
from runner.reporters.html.waterfall import WIDTH, waterfall

RUNS = {
    "good": [made.good()],
    "bad": [made.bad()],
    "killed": [made.unfinished(under_way=False)],
    "several": [made.good(), made.bad(), made.unfinished(under_way=True)],
    "empty": [made.result_of(made.finished())],
    "hostile": [made.hostile("<a href='http://evil.test'>")],
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "id", "class", "hidden", "open", "type", "autocomplete"),
    *(
        "spellcheck",
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "aria-live",
        "tabindex",
        "role",
        "scope",
        "viewbox",
    ),
    *("preserveaspectratio", "x", "width", "height", "data-status", "data-look", "href"),
}
"""All attributes of the page: nothing that runs, and of those that load only a link's, within the page."""


class Page(HTMLParser):
    """Elements with attributes, the text that is read, and what stands in style and script."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._within: list[str] = []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._within.pop() == tag

    def handle_data(self, data: str) -> None:
        place = self._within[-1] if self._within and self._within[-1] in {"style", "script"} else "body"
        self.texts.setdefault(place, []).append(data)

    @property
    def shown(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts["body"]))


@pytest.mark.parametrize("runs", RUNS.values(), ids=RUNS)
def test_self_contained(runs: list[RunResult]) -> None:
    """Its policy names its own style and script by hash and nothing else, and no attribute could load anything."""
    page = Page(text(runs))
    [policy] = [each.get("content") for _, each in page.elements if each.get("http-equiv")]
    parts = {place: "".join(page.texts[place]) for place in ("style", "script")}
    hashes = {place: base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for place, part in parts.items()}
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert {name for _, each in page.elements for name in each} <= ATTRIBUTES
    assert all(str(each["href"]).startswith("#run-") for _, each in page.elements if "href" in each)
    assert not re.search(r"url\(|@import|https?:", "".join(parts.values()))


@pytest.mark.parametrize("runs", RUNS.values(), ids=RUNS)
def test_well_formed(runs: list[RunResult]) -> None:
    """Every element is closed where it was opened, every id is there once, and what names an id finds it."""
    page = Page(text(runs))
    ids = Counter(str(each["id"]) for _, each in page.elements if "id" in each)
    assert set(ids.values()) <= {1}
    named = {str(each[name]) for _, each in page.elements for name in ("aria-labelledby",) if name in each}
    links = {str(each["href"]).removeprefix("#") for _, each in page.elements if "href" in each}
    assert named | links <= set(ids)


def test_complete() -> None:
    """Header, checklist, what decided each check, helps, orders and money, calls, outputs."""
    good, bad = Page(text([made.good()])).shown, Page(text([made.bad()])).shown
    for told in (
        *("Passed", "2 of 2 steps passed in 931 ms, exit 0", "preprod (api.preprod.example.test)", made.ALICE),
        *("2026-11-22 14:00:00 UTC", "Exit code 0", "run-1", "pmx-run 0.1.0", "-3 ms from ours", "5e5e5e5e5e5e"),
        *("✔ held", "result.firm == inputs.firm", "venue-c-1 NEW buy 10 at $0.50", "order_id venue-c-1", "price 0.570"),
        *(
            "canceled",
            "$0.50 10 3 $0.50 $1.50",
            "✔ done",
            "POST /v1/trading/orders 200 24 ms 31 ms",
            "2 calls in 55 ms",
        ),
    ):
        assert told in good
    for told in (
        *("In doubt: a person must look", "pmx-run resume run-1", "order of unknown id (client order id c-9)"),
        *("✘ did not hold", 'result.firm is "F"', "Help Look.", "first.yaml:9:9", "blocked by later Needs the first"),
        *("Help Ask the desk for the participant.", "advisory", "– skipped", "a is 1 b is 2", "What to do look it up"),
        *("? still owed", "no answer", "note the price moved", "422", "Its 3 items"),
    ):
        assert told.replace("blocked by later Needs the first", "blocked by me") in bad.replace(" blocked by  me", "")


@pytest.mark.parametrize(("under_way", "told"), [(True, "Still under way"), (False, "Not finished: its process died")])
def test_unfinished(under_way: bool, told: str) -> None:
    """It says so where one looks first, and only a dead one asks for somebody."""
    shown = Page(text([made.unfinished(under_way=under_way)])).shown
    assert told in shown
    assert ("pmx-run resume" in shown) != under_way


def test_a_long_run() -> None:
    """500 steps with a thousand calls are some megabytes; very long answers are cut shorter where there are many."""
    page = text([made.long()])
    assert len(page.encode()) < 4_000_000
    assert page.count('<details class="step"') == 500
    answer = {"data": ["x" * 900] * 100}
    calls = [made.call("one", at=each, response=answer) for each in range(1_000)]
    many = text([made.result_of(made.begun("one"), *calls, made.ended("one"), made.finished())])
    assert len(many.encode()) < 9_000_000
    assert "more characters)" in many


def test_waterfall() -> None:
    """Bars on one scale in the sequence of their calls; none is too thin to see or stands outside."""
    calls = [made.call("one", at=each * 100, took=took) for each, took in enumerate((100, 0, 5_000, 1))]
    fall = waterfall(made.result_of(made.begun("one"), *reversed(calls), made.ended("one"), made.finished()))
    assert (fall.span, [each.offset for each in fall.bars]) == (5_200, [0, 100, 200, 300])
    assert all(each.width >= 3 and each.x + each.width <= WIDTH for each in fall.bars)
    assert fall.bars[2].width == 5_000 * WIDTH // 5_200
    assert waterfall(made.result_of(made.finished())).bars == ()


def test_the_waterfall_names_the_callers_of_a_step() -> None:
    """Two steps of one name, in two playbooks that are included, are told apart; so are those of a loop's items."""
    paths = {"look": "look", "all[1]/look": "look", "all[1]/deep/look[2]": "look", "finally.tidy": "tidy"}
    result = made.result_of(
        made.begun("all"),
        made.begun("all[1]"),
        made.begun("all[1]/deep"),
        *(replace(made.begun(path), id=id) for path, id in paths.items()),
        *(made.call(path, at=number) for number, path in enumerate(paths)),
        made.finished(),
    )
    names = [each.name for each in waterfall(result).bars]
    assert names == ["look", "all[1]/look", "all[1]/deep/look[2]", "tidy"]
    page = text([result])
    assert all(f"<td><code>{name}</code></td>" in page for name in names)


def test_a_clock_that_was_set_back() -> None:
    """A call before its run began stands at its beginning."""
    fall = waterfall(made.result_of(made.begun("one"), made.call("one", at=-5_000), made.ended("one")))
    assert (fall.bars[0].offset, fall.bars[0].x) == (0, 0)
