"""What is installed elsewhere has everything it needs: the program, the schemas, the bundled playbooks."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, unpacked far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PMX_")}
    environ |= {"PYTHONPATH": str(installed), "PMX_STATE_DIR": str(folder / "state")}
    command = [sys.executable, "-m", "runner", *words]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60)


def test_the_bundled_quickstart_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """`pmx-run quickstart` needs nothing but what the wheel carries; a good run writes nothing to stderr."""
    done = run(installed, tmp_path, "quickstart")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("✔") == 7
    assert "passed: 7 steps" in done.stdout


def test_a_project_is_made_and_its_playbook_runs(installed: Path, tmp_path: Path) -> None:
    """What `init` writes is carried, too."""
    made = run(installed, tmp_path, "init", ".")
    assert (made.returncode, made.stderr) == (0, "")
    done = run(installed, tmp_path, "playbooks/first.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    """The unpacked wheel is what Python finds, not the checkout beside the tests."""
    environ = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "import runner; print(runner.__file__)"]
    found = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).is_relative_to(installed)


def test_schemas_and_playbooks_are_those_of_the_checkout(installed: Path) -> None:
    """Every file of both folders is carried, byte for byte."""
    for name in ("schemas", "playbooks"):
        ours = {path.relative_to(ROOT / name): path.read_bytes() for path in (ROOT / name).rglob("*.*")}
        carried = installed / "runner" / name
        theirs = {path.relative_to(carried): path.read_bytes() for path in carried.rglob("*.*")}
        assert theirs == ours
