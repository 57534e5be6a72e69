"""The texts for other schedulers: times that mean the same there, and nothing that a shell or a unit would misread."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from runner.schedule.cron import WrongCron, fields
from runner.schedule.crontab import Call, crontab, five
from runner.schedule.kubernetes import manifests, text_of
from runner.schedule.model import Schedule
from runner.schedule.systemd import calendar, units

WORDS = ("/opt/pmx/python", "-m", "runner", "schedule", "tick", "odd", "--config", "/srv/50% $x/pmx.yaml")


def call(cron: str = "30 9 * * mon-fri", folder: str = "/srv/50% $x", environment: str = "") -> Call:
    schedule = Schedule("odd", "preflight", cron, "America/New_York")
    return Call(schedule, WORDS, Path(folder), Path(folder) / "state", environment)


@pytest.mark.parametrize(
    ("cron", "as_cron", "as_systemd"),
    [
        ("30 9 * * mon-fri", "30 9 * * 1,2,3,4,5", ["Mon,Tue,Wed,Thu,Fri *-*-* 09:30:00"]),
        ("*/20 * * * *", "*/20 * * * *", ["*-*-* *:00,20,40:00"]),
        ("5/25 0 1 jan *", "5,30,55 0 1 1 *", ["*-01-01 00:05,30,55:00"]),
        ("0 3 1,15 * sun", "0 3 1,15 * 0", ["*-*-01,15 03:00:00", "Sun *-*-* 03:00:00"]),
        ("0 3 * * 7", "0 3 * * 0", ["Sun *-*-* 03:00:00"]),
        ("0 3 */10 * 1", "0 3 */10 * 1", ["Mon *-*-01,11,21,31 03:00:00"]),
    ],
    ids=["weekdays", "steps", "start and step", "either day", "seven", "both days"],
)
def test_times(cron: str, as_cron: str, as_systemd: list[str]) -> None:
    """Numbers in lists, since crons differ on names and steps; systemd needs two where either day is enough."""
    assert five(cron) == as_cron
    assert list(calendar(fields(cron))) == as_systemd


def test_a_crontab() -> None:
    """Quoted for the shell, and a percent sign, which ends cron's line, escaped."""
    lines = crontab([call()], cron_tz=True).splitlines()
    quoted = r"'/srv/50\% $x"
    assert lines[-2:] == [
        "CRON_TZ=America/New_York",
        f"30 9 * * 1,2,3,4,5 cd {quoted}' && /opt/pmx/python -m runner schedule tick odd --config {quoted}/pmx.yaml'",
    ]
    assert "CRON_TZ" not in crontab([call()], cron_tz=False)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_units_are_accepted(tmp_path: Path) -> None:
    """`systemd-analyze` finds nothing wrong, odd folders included."""
    folder = tmp_path / "50% $x"
    folder.mkdir()
    made = Call(call().schedule, ("/bin/true", "50% $x", 'a"b'), folder, folder)
    for name, text in units(made, "root").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [str(each) for each in tmp_path.glob("pmx-*")]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert (done.returncode, "pmx-odd" in done.stderr) == (0, False), done.stderr


def test_a_unit_waits_for_cleanups_and_writes_to_its_state_alone() -> None:
    """A stopped run has a minute; all else is read-only."""
    service = units(call(), "pmx")["pmx-odd.service"]
    assert {"TimeoutStopSec=60", "ProtectSystem=strict", "User=pmx", "KillMode=mixed"} <= set(service.splitlines())
    assert 'ReadWritePaths="/srv/50%% $x/state"' in service
    assert '--config "/srv/50%% $$x/pmx.yaml"' in service


def test_what_kubernetes_reads_otherwise_is_refused() -> None:
    """There a day with a step is a restricted one, so that either day is enough."""
    with pytest.raises(WrongCron, match="otherwise than cron"):
        manifests([call("0 3 */10 * 1")], "image")
    assert manifests([call("0 3 */10 * *")], "image")


def test_a_cron_job() -> None:
    """One at a time, not root, on a read-only root, with a minute to clean up; the key is a mounted secret."""
    claim, job = manifests([call(environment="uat")], "image:1")
    template = job["spec"]["jobTemplate"]["spec"]
    pod = template["template"]["spec"]
    assert claim["kind"] == "PersistentVolumeClaim"
    assert (job["spec"]["timeZone"], job["spec"]["concurrencyPolicy"]) == ("America/New_York", "Forbid")
    assert (template["backoffLimit"], pod["terminationGracePeriodSeconds"]) == (0, 60)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert all(each["securityContext"]["readOnlyRootFilesystem"] for each in pod["containers"] + pod["initContainers"])
    assert {"name": "secret", "secret": {"secretName": "pmx-uat", "defaultMode": 0o440}} in pod["volumes"]
    assert "initContainers" not in manifests([call()], "image:1")[1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


@pytest.mark.proof
def test_cron_jobs_are_accepted() -> None:
    """A validator with the schemas of Kubernetes itself finds nothing wrong, nor an unknown key."""
    program = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    import yaml

    text = text_of(manifests([call(environment="uat"), call("0 3 1 * *")], "image:1"))
    for document in yaml.safe_load_all(text):
        program.validate(document, "1.33", strict=True)
