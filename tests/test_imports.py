"""What a command loads: heavy libraries only where they are needed, since every start of a cron job pays for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

QUICKSTART = Path(__file__).resolve().parents[1] / "playbooks" / "quickstart.yaml"

NETWORK = {"requests", "urllib3", "http.client", "ssl", "jwt", "cryptography"}
LANGUAGE = {"yaml", "jsonschema", "jinja2", "jsonpath"}
OTHERS = {"rich", "platformdirs", "uvicorn", "httptools", "asyncio", "sqlite3"}

RUN = """
import sys
from runner.cli.main import dispatch
code = dispatch(sys.argv[1:])
print("loaded:", *sorted(sys.modules))
sys.exit(code)
"""


def loaded(*words: str, environ: Mapping[str, str], code: int = 0) -> set[str]:
    """The modules that were loaded when a command line had come to its end, with this exit code."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PMX_")}
    command = [sys.executable, "-c", RUN, *words]
    done = subprocess.run(command, env={**settings, **environ}, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PMX_STATE_DIR": str(tmp_path / "state")}


@pytest.mark.parametrize(("word", "code"), [("--version", 0), ("--help", 0), ("serve", 2)])
def test_a_word_of_its_own_loads_next_to_nothing(word: str, code: int, environ: dict[str, str]) -> None:
    """Not even what every command needs: no parser of options, no dataclasses."""
    found = loaded(word, environ=environ, code=code)
    assert not found & (NETWORK | LANGUAGE | OTHERS | {"argparse", "dataclasses", "inspect", "json", "decimal"})


def test_a_first_check_loads_nothing_of_the_network(environ: dict[str, str]) -> None:
    """It reads YAML and validates, and that is all."""
    found = loaded("check", str(QUICKSTART), environ=environ)
    assert not found & (NETWORK | OTHERS)
    assert {"yaml", "jsonschema"} <= found


def test_a_later_check_loads_neither_language_nor_actions(environ: dict[str, str]) -> None:
    """A text that was found good is known by its hash."""
    loaded("check", str(QUICKSTART), environ=environ)
    found = loaded("check", str(QUICKSTART), environ=environ)
    assert not found & (NETWORK | LANGUAGE | OTHERS)
    assert not found & {
        "runner.plan.types",
        "runner.expression",
        "runner.plan",
        "runner.actions",
        "runner.engine",
        "runner.venue",
    }


def test_a_later_run_reads_no_yaml(environ: dict[str, str]) -> None:
    """What was read from the same text is remembered; the exchange's server stays in its own process."""
    loaded(str(QUICKSTART), environ=environ)
    found = loaded(str(QUICKSTART), environ=environ)
    assert {"requests", "cryptography"} <= found
    assert not found & (LANGUAGE | OTHERS - {"sqlite3"} | {"runner.plan.types"})


def test_a_state_directory_of_the_platform_is_looked_up_only_without_one(tmp_path: Path) -> None:
    """``platformdirs`` is loaded where no setting names the state directory."""
    found = loaded("check", str(QUICKSTART), environ={"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)})
    assert "platformdirs" in found
