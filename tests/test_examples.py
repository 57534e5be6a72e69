"""The files in `examples/` are what the program writes; `--update` writes them anew."""

from __future__ import annotations

import getpass
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from runner.cli.main import dispatch

EXAMPLES = Path(__file__).parents[1] / "examples"
FORMS = {
    "cron": ["crontab", "--cron-tz"],
    "systemd": ["systemd"],
    "kubernetes": ["kubernetes", "--image", "registry.example.com/pmx-run:project"],
}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, str]]:
    """What is written for another scheduler, as if the project were in `/srv/pmx`."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "pmx.yaml", "pmx.yaml")
    Path("pmx.yaml").chmod(0o600)

    def write(form: str) -> dict[str, str]:
        words = ["schedule", "write", *FORMS[form], "--state-dir", str(tmp_path / "state"), "--output", "out"]
        assert dispatch(words) == 0
        return {each.name: placed(each.read_text(encoding="utf-8")) for each in Path("out").iterdir()}

    def placed(text: str) -> str:
        text = text.replace(sys.executable, "/opt/pmx/bin/python").replace(str(tmp_path / "state"), "/var/lib/pmx")
        text = text.replace(str(tmp_path), "/srv/pmx")
        return re.sub(f"^User={getpass.getuser()}$", "User=pmx", text, flags=re.MULTILINE)

    return write


@pytest.mark.parametrize("form", FORMS)
def test_it_is_what_is_written(
    form: str, told: Callable[[str], dict[str, str]], request: pytest.FixtureRequest
) -> None:
    """Each file, whole, and no other."""
    folder, files = EXAMPLES / form, told(form)
    if request.config.getoption("--update", default=False):
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()} == files


def test_the_workflow_is_yaml() -> None:
    """Its clock is that of the schedule it stands for, and its key a secret."""
    text = (EXAMPLES / "github-actions" / "preflight.yaml").read_text(encoding="utf-8")
    # YAML 1.1 reads `on` as true
    workflow = yaml.safe_load(text)
    schedules = yaml.safe_load((EXAMPLES / "pmx.yaml").read_text(encoding="utf-8"))["schedules"]
    assert workflow[True]["schedule"] == [{"cron": schedules["preflight"]["cron"]}]
    assert "${{ secrets.PMX_PRIVATE_KEY }}" in text
