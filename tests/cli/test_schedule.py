"""`pmx-run schedule`: what is refused and where, the next times, the files, and ticks."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.cli.config import read_config
from runner.cli.main import dispatch
from runner.cli.schedule import add_arguments
from runner.cli.schedule.check import problems_of
from runner.cli.schedule.next import lines_of
from runner.cli.schedule.tick import tick
from runner.cli.schedule_keys import KEYS, WINDOW
from runner.errors import WrongInput
from runner.playbook.reader import decode, read

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "schemas" / "pmx.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACING = """\
version: 1
name: placing
inputs: {symbol: {type: string}, pin: {type: string, secret: true}}
steps:
  - id: order
    action: place_order
    with: {symbol: "{{ inputs.symbol }}", side: buy, price: 0.01, quantity: 1}
"""
SLOW = """\
version: 1
name: slow
inputs: {long: {type: string, default: 4m}}
steps:
  - {id: long, action: wait, with: {for: "{{ inputs.long }}"}}
  - {id: never, when: 1 == 2, action: wait, with: {for: 5m}}
  - {id: twice, for_each: [30s, 30s], as: pause, action: wait, with: {for: "{{ pause }}"}}
"""
UAT = "environments: {uat: {base_url: 'https://api.example.com', participant_id: firms/F/users/U}}\n"
RIGHT = """\
schedules:
  morning:
    playbook: preflight
    cron: "30 9 * * mon-fri"
    timezone: America/New_York
    blackout:
      - {days: [wed], from: "09:00", to: "10:00"}
  night: {playbook: preflight, cron: "@daily", catch_up: last, within: 2h, maintenance: false, jitter: 1s}
"""
WRONG = [
    ("schedules: [a]", "`schedules` must be a mapping of names"),
    ("schedules: {a: x}", "a schedule must be a mapping"),
    ("schedules: {A b: {playbook: x, cron: '@daily'}}", "`A b` is no name of a schedule"),
    ("schedules: {a: {playbook: x}}", "schedule `a` has no `cron`"),
    ("schedules: {a: {cron: '@daily'}}", "schedule `a` has no `playbook`"),
    ("schedules: {a: {playbook: x, cron: '* * * *'}}", "wrong value of `cron`"),
    ("schedules: {a: {playbook: x, cron: '@reboot'}}", "wrong value of `cron`"),
    ("schedules: {a: {playbook: x, cron: '@daily', tz: UTC}}", "unknown key `tz`"),
    ("schedules: {a: {playbook: x, cron: '@daily', overlap: both}}", "wrong value of `overlap`"),
    ("schedules: {a: {playbook: x, cron: '@daily', catch_up: all}}", "`catch_up: all` needs `within`"),
    ("schedules: {a: {playbook: x, cron: '@daily', catch_up: none, within: 1h}}", "`within` says how late"),
    ("schedules: {a: {playbook: x, cron: '@daily', within: 1h}}", "`within` says how late"),
    ("schedules: {a: {playbook: x, cron: '@daily', calls: 0}}", "wrong value of `calls`"),
    ("schedules: {a: {playbook: x, cron: '@daily', maintenance: true}}", "`maintenance` takes false or a window"),
    ("schedules: {a: {playbook: x, cron: '@daily', blackout: {from: '1'}}}", "`blackout` must be a list of windows"),
    ("schedules: {a: {playbook: x, cron: '@daily', blackout: [{from: '02:00'}]}}", "a window has `from` and `to`"),
    ("schedules: {a: {playbook: x, cron: '@daily', blackout: [{from: '2:00', to: '03:00'}]}}", "wrong value of `from`"),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("TZ", "UTC")
    Path("placing.yaml").write_text(PLACING)
    Path("slow.yaml").write_text(SLOW)
    written(RIGHT)


def written(text: str) -> None:
    Path("pmx.yaml").write_text(text)
    Path("pmx.yaml").chmod(0o600)


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def problems(text: str) -> list[str]:
    """Each as its place and its title."""
    written(text)
    found = problems_of(read_config(Path("pmx.yaml")), options("check"), NOW)
    return [f"{each.span.line}:{each.span.column} {each.title}" if each.span else each.title for each in found]


@pytest.mark.parametrize(("text", "title"), WRONG)
def test_wrong_keys(text: str, title: str) -> None:
    """Said at their place whatever command reads the file; an editor says the same by the schema."""
    with pytest.raises(WrongInput) as caught:
        written(text)
        read_config(Path("pmx.yaml"))
    assert title in str(caught.value)
    assert list(VALIDATOR.iter_errors(read(decode("pmx.yaml", text.encode())).plain()))


def test_the_schema_knows_the_same() -> None:
    """Each key with the same kind of value, and each described; a right file is right by it."""
    for name, kinds in (("schedule", KEYS), ("window", WINDOW)):
        properties = SCHEMA["$defs"][name]["properties"]
        assert all(each["description"] for each in properties.values())
        for key, kind in kinds.items():
            assert {what: each for what, each in properties[key].items() if what != "description"} == kind.schema
    assert list(VALIDATOR.iter_errors(read(decode("pmx.yaml", RIGHT.encode())).plain())) == []


def test_doctor_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    """As any other setting, with its place."""
    dispatch(["doctor"])
    assert "schedules.morning" in capsys.readouterr().out


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, and 0."""
    assert dispatch(["schedule", "check"]) == 0
    assert capsys.readouterr().out == (
        "ok: morning  30 9 * * mon-fri America/New_York preflight\nok: night  0 0 * * * UTC preflight\n"
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{playbook: nowhere, cron: '@daily'}", ["1:13 there is no playbook `nowhere`"]),
        ("{playbook: no.yaml, cron: '@daily'}", "no.yaml`"),
        ("{playbook: preflight, cron: '0 0 30 2 *'}", ["1:44 wrong cron expression"]),
        ("{playbook: preflight, cron: '@daily', timezone: Mars}", ["1:64 there is no time zone `Mars`"]),
        ("{playbook: preflight, cron: '@daily', environment: sandbux}", ["1:67 there is no environment `sandbux`"]),
        (
            "{playbook: preflight, cron: '@daily', catch_up: all, within: 9s}",
            ["1:77 `within` is too short"],
        ),
        ("{playbook: preflight, cron: '0 8 * * thu'}", ["1:44 schedule `a` never runs"]),
        (
            "{playbook: preflight, cron: '30 2 * * *', timezone: America/New_York}",
            ["1:44 02:30 does not exist on 2027-03-14 in America/New_York"],
        ),
        (
            "{playbook: preflight, cron: '30 1 * * sun', timezone: America/New_York}",
            ["1:44 01:30 comes twice on 2027-11-07 in America/New_York"],
        ),
        (
            "{playbook: placing.yaml, cron: '@daily', inputs: {symbol: x}}",
            ["1:27 `placing` can send orders and does not state `limits.orders`"],
        ),
        ("{playbook: placing.yaml, cron: '@daily'}", ["1:13 input `symbol` is missing"]),
        ("{playbook: preflight, cron: '@daily', inputs: {zzz: 1}}", ["1:62 unknown input `zzz`"]),
        ("{playbook: preflight, cron: '@daily', calls: 1}", ["1:61 a run of `a` may make more calls"]),
        (
            "{playbook: slow.yaml, cron: '*/5 * * * *'}",
            ["1:44 a run of `a` waits for 300 s, and its times are 300 s apart"],
        ),
        (
            "{playbook: slow.yaml, cron: '0,7,10 * * * *', inputs: {long: 3m}}",
            "waits for 240 s, and its times are 180 s",
        ),
        ("{playbook: slow.yaml, cron: '*/5 * * * *', inputs: {long: 1m}}", []),
        ("{playbook: slow.yaml, cron: '0,5 * * * *', overlap: queue}", []),
        (
            "{playbook: slow.yaml, cron: '*/5 * * * *', overlap: queue}",
            "waits for 300 s, and its times are 300 s apart",
        ),
    ],
)
def test_what_cannot_work(entry: str, expected: list[str] | str) -> None:
    """Each at its place in pmx.yaml; a secret input may come later."""
    found = problems(f"schedules: {{a: {entry}}}\n")
    assert found == expected if isinstance(expected, list) else expected in found[0], found


def test_limits_of_the_settings_are_enough() -> None:
    """They hold for the schedule's runs as well as the playbook's own."""
    entry = "{playbook: placing.yaml, cron: '@daily', inputs: {symbol: x}}"
    assert problems(f"limits: {{orders: 1, exposure: 1}}\nschedules: {{a: {entry}}}\n") == []


def test_two_in_one_minute() -> None:
    """Refused if they may exceed a rate limit together; minutes apart, or at different exchanges, they don't."""

    def both(second: str, environment: str = "uat") -> list[str]:
        common = "playbook: quickstart, environment"
        first = f"  a: {{{common}: uat, cron: '*/30 * * * *'}}\n"
        return problems(f"{UAT}schedules:\n{first}  b: {{{common}: {environment}, cron: '{second}'}}\n")

    title = "`a` and `b` run in the same minute (2026-11-23 13:00 UTC) and may exceed a rate limit together"
    assert both("0 * * * *") == [f"4:53 {title}"]
    assert both("10 * * * *") == []
    assert both("0 * * * *", "sandbox") == []


def test_the_next_times() -> None:
    """In the schedule's zone and in UTC, with what is left out and why, and what the clocks do."""
    schedule = read_config(Path("pmx.yaml")).schedules["morning"]
    assert list(lines_of(schedule, datetime(2027, 3, 9, tzinfo=UTC), 5)) == [
        "morning  30 9 * * mon-fri  America/New_York  preflight",
        "  Tue 2027-03-09 09:30 EST  Tue 2027-03-09 14:30 UTC",
        "  Wed 2027-03-10 09:30 EST  Wed 2027-03-10 14:30 UTC  left out: blackout, wed 09:00-10:00 America/New_York",
        "  Thu 2027-03-11 09:30 EST  Thu 2027-03-11 14:30 UTC",
        "  Fri 2027-03-12 09:30 EST  Fri 2027-03-12 14:30 UTC",
        "  Mon 2027-03-15 09:30 EDT  Mon 2027-03-15 13:30 UTC  clocks were put forward since the time before",
        "  clocks of America/New_York are put forward on Sun 2027-03-14",
    ]


def test_next_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Of one or of all; an unknown name is told with the nearest."""
    assert dispatch(["schedule", "next", "-n", "3"]) == 0
    assert capsys.readouterr().out.count(" UTC\n") >= 3
    assert dispatch(["schedule", "next", "mornin"]) == 2
    assert "did you mean `morning`?" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["check", "next", "tick x", "write systemd"])
def test_without_schedules(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, with an example."""
    written("environment: sandbox\n")
    assert dispatch(["schedule", *word.split()]) == 2
    assert "pmx.yaml has no `schedules`" in capsys.readouterr().err


def ticked(name: str, now: str, *words: str) -> list[argparse.Namespace]:
    """The runs that a tick began."""
    begun: list[argparse.Namespace] = []

    def perform(run: argparse.Namespace) -> int:
        begun.append(run)
        return 3

    code = tick(options("tick", name, *words), datetime.fromisoformat(now), perform, lambda _: None)
    assert code == (3 if begun else 0)
    return begun


def test_a_tick_runs_its_playbook(capsys: pytest.CaptureFixture[str]) -> None:
    """With an id of the schedule and its time: the same for whoever calls, however late."""
    [one] = ticked("morning", "2026-11-23T14:30:00+00:00", "--quiet", "--yes")
    [other] = ticked("morning", "2026-11-23T14:33:10+00:00")
    assert one.run_id == other.run_id
    assert one.run_id.startswith("morning-20261123T1430Z-")
    assert (one.playbook, one.quiet, one.yes, other.yes) == (["preflight"], True, True, False)
    assert one.config == str(Path("pmx.yaml").absolute())
    assert capsys.readouterr().out == ""


def test_inputs_and_environment_are_handed_on() -> None:
    """Each value as the command line would have it."""
    inputs = "{symbol: x=y, price: 0.57, many: 3, on: true, list: [1, a]}"
    entry = f"playbook: placing.yaml, cron: '0 12 * * *', environment: uat, inputs: {inputs}"
    written(f"{UAT}schedules: {{a: {{{entry}}}}}\n")
    [run] = ticked("a", "2026-11-23T12:00:01+00:00")
    assert run.input == ["symbol=x=y", "price=0.57", "many=3", "on=true", 'list=[1, "a"]']
    assert (run.env, run.playbook) == ("uat", [str(Path("placing.yaml").absolute())])


@pytest.mark.parametrize(
    ("name", "now", "said"),
    [
        ("morning", "2026-11-23T14:36:00+00:00", "nothing is due; its next time is 2026-11-24 09:30 EST"),
        ("morning", "2026-11-25T14:30:00+00:00", "2026-11-25 09:30 EST is left out: blackout"),
        ("night", "2026-11-23T02:00:01+00:00", "nothing is due"),
    ],
    ids=["too late", "blackout", "later than within"],
)
def test_a_tick_that_does_nothing(name: str, now: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, and it says why."""
    assert ticked(name, now) == []
    assert said in capsys.readouterr().out


def test_the_last_one_is_caught_up() -> None:
    """As long as it is not later than `within`."""
    [run] = ticked("night", "2026-11-23T01:59:00+00:00")
    assert run.run_id.startswith("night-20261123T0000Z-")


def test_two_calls_are_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The second finds the first one's id and sends nothing."""
    entry = "playbook: said.yaml, cron: '* * * * *', catch_up: last, within: 10m"
    Path("said.yaml").write_text("version: 1\nname: said\nsteps:\n  - {id: a, action: log, with: {message: hello}}\n")
    written(f"schedules: {{a: {{{entry}}}}}\n")
    now = datetime.now(UTC)
    assert [tick(options("tick", "a"), now), tick(options("tick", "a"), now)] == [0, 0]
    out = capsys.readouterr().out
    assert (out.count("hello"), out.count("was performed before")) == (1, 1)


def test_a_crontab_is_refused_in_another_zone(capsys: pytest.CaptureFixture[str]) -> None:
    """Not every cron knows CRON_TZ, and none catches up."""
    assert dispatch(["schedule", "write", "crontab"]) == 2
    error = capsys.readouterr().err
    assert "`morning` goes by the clocks of America/New_York, and cron here by those of UTC" in error
    assert "cron does not catch up on what was missed" in error


def test_files_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    """By name into a folder, or printed; what can't work is refused as `check` does."""
    assert dispatch(["schedule", "write", "systemd", "--output", "units"]) == 0
    names = ["pmx-morning.service", "pmx-morning.timer", "pmx-night.service", "pmx-night.timer"]
    assert sorted(each.name for each in Path("units").iterdir()) == names
    assert "Persistent=yes" in Path("units/pmx-night.timer").read_text()
    assert dispatch(["schedule", "write", "kubernetes", "--image", "i:1"]) == 0
    assert capsys.readouterr().out.count("---\n") == 3
    assert dispatch(["schedule", "write", "kubernetes"]) == 2
    written("schedules: {a: {playbook: nowhere, cron: '@daily'}}\n")
    assert dispatch(["schedule", "write", "systemd"]) == 2


def test_production_is_agreed_to_in_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever installs the file agrees; elsewhere nothing is answered in advance."""
    entry = "{playbook: preflight, cron: '@daily', environment: %s}"
    for name, agreed in (("uat", True), ("sandbox", False)):
        written(f"{UAT}schedules: {{a: {entry % name}}}\n")
        assert dispatch(["schedule", "write", "crontab"]) == 0
        assert (" --yes " in capsys.readouterr().out) is agreed
