"""Every page does what it says: its YAML is right, its commands print what is shown, its links lead somewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from handbook.blocks import PAGES, ROOT, Block, anchors_of, blocks_of, links_of
from handbook.comparing import agrees
from handbook.fragments import included, kind_of, whole
from handbook.session import SHELLS, Done, run
from runner.cli.config import read_config
from runner.cli.main import dispatch
from runner.sandbox.faults.reading import read_file

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
EXECUTED = [block for block in BLOCKS if not block.excuse]
YAML = [block for block in EXECUTED if block.language == "yaml"]
WITH_COMMANDS = list(dict.fromkeys(block.page for block in EXECUTED if block.language in SHELLS))
LANGUAGES = {*SHELLS, "yaml", "json", "text"}
EXCUSED_AT_MOST = 0


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def place_of(block: Block) -> str:
    return block.place


@pytest.mark.parametrize("block", YAML, ids=place_of)
def test_yaml(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A playbook, or a piece of one, is without a mistake unless it is shown for one; so are settings and faults."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    path = Path("pmx.yaml" if block.title.endswith("pmx.yaml") else "block.yaml")
    match kind_of(block.text, block.title):
        case "playbook":
            path.write_text(whole(block.text), encoding="utf-8")
            for name, text in included(block.text).items():
                Path(name).parent.mkdir(exist_ok=True)
                Path(name).write_text(text, encoding="utf-8")
            code = dispatch(["check", str(path)])
            assert code == (2 if block.is_wrong else 0), capsys.readouterr().err
        case "settings":
            path.write_text(block.text, encoding="utf-8")
            path.chmod(0o600)
            assert read_config(path)
        case "faults":
            path.write_text(block.text, encoding="utf-8")
            assert [*read_file(path)]
        case "file":
            assert any(
                block.title in each.text for each in BLOCKS if each.page == block.page and each.language in SHELLS
            )


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_commands(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The commands of a page, typed from top to bottom, end as they should and print what the page shows."""
    done = run([block for block in EXECUTED if block.page == page], tmp_path)
    if request.config.getoption("--update"):
        show_anew(page, done)
        return
    wrong = [each for each in done if each.code != 0 and not each.judged]
    assert not wrong, "\n\n".join(told(each) for each in wrong)
    other = [each for each in done if each.command.shown and not agrees(each.command.shown, each.output)]
    assert not other, "\n\n".join(told(each) for each in other)


def told(done: Done) -> str:
    """A command that does not do what the page says."""
    shown = f"\nshown:\n{done.command.shown}" if done.command.shown else ""
    return f"{done.command.block.place}: $ {done.command.text}{shown}\nprinted ({done.code}):\n{done.output}"


def show_anew(page: Path, done: Iterable[Done]) -> None:
    """Write into the page what was printed, wherever something else is shown."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for each in reversed([*done]):
        if each.command.shown and not agrees(each.command.shown, each.output):
            start, end = (each.command.block.line + at for at in each.command.lines)
            lines[start:end] = each.output.splitlines()
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_json_is_json() -> None:
    """Whatever is shown as JSON can be read as such."""
    for block in EXECUTED:
        if block.language == "json":
            json.loads(block.text)


def test_nothing_is_left_out() -> None:
    """Every block is of a kind that is executed or has nothing to execute; excuses are few."""
    assert [block.place for block in BLOCKS if block.language not in LANGUAGES] == []
    assert len(BLOCKS) - len(EXECUTED) <= EXCUSED_AT_MOST


def test_no_dead_links() -> None:
    """A link leads to a file of this tree and a heading in it, or to another site by https."""
    dead = []
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        for link in links_of(page):
            path, _, heading = link.target.partition("#")
            if ":" in path:
                if not path.startswith("https://"):
                    dead.append(link)
                continue
            target = page if not path else Path(os.path.normpath(page.parent / path))
            if not target.exists() or (heading and heading not in anchors_of(target)):
                dead.append(link)
    assert dead == []


def test_no_page_is_lost() -> None:
    """Every page of the documentation stands in the site's table of contents."""
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [
        page.name for page in PAGES if "docs" in page.parts and f"{page.relative_to(ROOT / 'docs')}" not in listed
    ] == []
