"""A real cron daemon runs what `pmx-run schedule write crontab` wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli.main import dispatch
from runner.journal.store import Journal

MINUTES = 3
PLAYBOOKS = {"good": 1, "bad": 2}
USER = Path("/var/spool/cron/crontabs/root")
PID_FILE = Path("/var/run/crond.pid")
NO_DAEMON = shutil.which("cron") is None or os.geteuid() != 0 or PID_FILE.exists()


@pytest.mark.proof
@pytest.mark.skipif(
    NO_DAEMON or USER.exists(), reason="needs cron (installed, not running), root, and no crontab of its"
)
def test_three_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, int], None]
) -> None:
    """Once a minute for three minutes: the journal has each with its exit code; only what failed is mailed."""
    monkeypatch.chdir(tmp_path)
    step = '  - {id: a, action: assert, with: {that: ["inputs.number == 1"]}}'
    for name in PLAYBOOKS:
        head = f"version: 1\nname: {name}\ninputs: {{number: {{type: integer}}}}\n"
        Path(f"{name}.yaml").write_text(f"{head}steps:\n{step}\n")
    entry = "{playbook: %s.yaml, cron: '* * * * *', maintenance: false, inputs: {number: %s}}"
    lines = [f"  {name}: {entry % (name, number)}\n" for name, number in PLAYBOOKS.items()]
    Path("pmx.yaml").write_text("state_dir: state\nschedules:\n" + "".join(lines))
    Path("pmx.yaml").chmod(0o600)
    monkeypatch.delenv("TZ", raising=False)
    assert dispatch(["schedule", "write", "crontab", "--output", "."]) == 0
    mails = _mailed_while_cron_runs(tmp_path)
    journal = Journal(tmp_path / "state")
    ran = {name: [each for each in journal.history(None) if each.playbook == name] for name in PLAYBOOKS}
    journal.close()
    counts = {name: len(runs) for name, runs in ran.items()}
    record_property("runs", sum(counts.values()))
    record_property("mails about what passed", sum("good" in each for each in mails))
    record_property("mails about what failed", sum("bad" in each for each in mails))
    assert all(count in (MINUTES, MINUTES + 1) for count in counts.values())
    assert {each.status for each in ran["good"]} == {"passed"}
    assert {each.status for each in ran["bad"]} == {"failed"}
    assert len(mails) == counts["bad"]
    assert not any("tick good" in each for each in mails)


def _mailed_while_cron_runs(folder: Path) -> list[str]:
    """What cron would have mailed: its mail program is one that keeps what it is given."""
    sendmail = Path("/usr/sbin/sendmail")
    if sendmail.exists():
        pytest.skip("this machine has a mail program of its own")
    (folder / "mails").mkdir()
    sendmail.write_text(f"#!/bin/sh\ncat > {folder}/mails/$$\n")
    sendmail.chmod(0o755)
    subprocess.run(["crontab", str(folder / "crontab")], check=True)
    daemon = subprocess.Popen(["cron", "-f"])
    try:
        time.sleep(60 * MINUTES + 5 - time.time() % 60 + 25)
    finally:
        daemon.terminate()
        daemon.wait()
        subprocess.run(["crontab", "-r"], check=True)
        sendmail.unlink()
        PID_FILE.unlink(missing_ok=True)
    return [each.read_text() for each in (folder / "mails").iterdir()]
