"""The HTML report in a real browser: quiet, self-contained, usable by keyboard alone, readable for everybody."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reporters import made
from reporters.test_hostile import TEXTS
from runner.record.result import RunResult
from runner.reporters.html.page import text

TOOLS = Path(__file__).parents[2] / ".proof"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NODE = shutil.which("node")
PAGES = {
    "good": [made.good()],
    "bad": [made.bad()],
    "running": [made.unfinished(under_way=True)],
    "several": [made.good(), made.bad()],
    "500 steps": [made.long()],
    "hostile": [made.hostile("".join(text[:2_000] for text in TEXTS.values()))],
}


def seen(page: Path) -> dict[str, Any]:
    """What a reader sees and does. Skips where there is nothing to see it with."""
    if CHROMIUM is None or NODE is None:
        pytest.skip("no chromium or no node on this machine")
    if not (TOOLS / "node_modules" / "axe-core").is_dir():
        pytest.skip("no axe-core: `make proof` brings it where npm is")
    command = [NODE, str(Path(__file__).with_name("browser.mjs")), str(TOOLS), CHROMIUM, str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.proof
@pytest.mark.parametrize("runs", PAGES.values(), ids=PAGES)
def test_in_a_browser(runs: list[RunResult], tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """No word in the console, no request, no complaint of the accessibility checker in light or dark; search, folding
    and print work; what is put into the page later neither runs nor asks anybody."""
    page = tmp_path / "report.html"
    page.write_text(text(runs), encoding="utf-8")
    found = seen(page)
    assert (found["said"], found["asked"]) == ([], [])
    assert found["violations"] == {"light": [], "dark": []}
    assert found["schemes"]["light"] != found["schemes"]["dark"]
    steps = sum(len(run.steps) for run in runs)
    assert (found["steps"], found["search"], found["reached"]) == (steps, "input.search", True)
    assert 1 <= found["filtered"]["shown"] <= steps
    assert " steps, " in found["filtered"]["told"]
    assert found["unfiltered"] == {"shown": steps, "told": ""}
    assert found["only"] <= steps
    assert (found["unfoldedOne"], found["printed"], found["afterPrint"]) == (
        found["folded"] + 1,
        0,
        found["folded"] + 1,
    )
    assert found["refused"] == {"ran": False, "asked": "refused", "why": ["csp"]}
    record_property("rules of the accessibility checker that passed", found["rules"])
    record_property("elements", found["nodes"])
