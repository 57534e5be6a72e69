"""People are told how a run ended, and the run never notices whether they could be."""

from __future__ import annotations

import contextlib
import json
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from journal.made import ALICE, STARTED, a_run, finished, intended, owed

from notify.server import Endpoint, closed_port, endpoint
from runner.cli.journaling import book_of
from runner.cli.main import dispatch
from runner.cli.notifying import Telling
from runner.errors import NotRecorded
from runner.journal.outbox import Outbox
from runner.notify import message
from runner.record.events import Event
from runner.redact import Redactor
from runner.settings import Channel, Setting, Settings

PLAYBOOK = """\
version: 1
name: tiny
inputs:
  good: {type: boolean, default: true}
  pin: {type: string, secret: true}
steps:
  - id: said
    title: Say it
    action: log
    with: {message: hello}
    expect: [{check: inputs.good, help: ask https://help.test for more}]
"""
SETTINGS = """\
environments:
  here:
    base_url: http://127.0.0.1:1
    auth_url: http://127.0.0.1:1/token
    client_id: c
    private_key_path: never.pem
    participant_id: firms/F/users/U
"""
MARKER = "Marker-9xQ-services-T0-B0"
GOOD, BAD = "tiny.yaml --env here", "tiny.yaml --env here -i good=false"
Do = Callable[[str], tuple[int, str, str]]
Tell = Callable[[str], None]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PMX_INPUT_PIN", "Marker-input-1234")
    (tmp_path / "tiny.yaml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "never.pem").touch(mode=0o600)
    return tmp_path


@pytest.fixture
def tell(folder: Path) -> Tell:
    """Writes ``pmx.yaml`` with this list of channels."""

    def written(channels: str) -> None:
        (folder / "pmx.yaml").write_text(f"notify:\n{channels}\n{SETTINGS}")
        (folder / "pmx.yaml").chmod(0o644)

    written("  []")
    return written


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint whose address is in ``HOOK``."""
    with endpoint() as told:
        monkeypatch.setenv("HOOK", f"{told.url}/{MARKER}")
        yield told


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Do:
    """A command line: its exit code, stdout and stderr."""

    def typed(line: str) -> tuple[int, str, str]:
        code = dispatch(shlex.split(line))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return typed


def posted(listener: Endpoint) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in listener.got]


def database() -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(Path("state/journal.sqlite3"), isolation_level=None))


def let_pass(days: float) -> None:
    """As if all that is owed were older, and due."""
    with database() as connection:
        until = "replace(datetime(until, ?), ' ', 'T') || '+00:00'"
        sql = f"UPDATE notices SET next_at = owed_at, claimed = '', until = {until}"
        connection.execute(sql, (f"-{days} days",))


def states() -> list[tuple[str, str]]:
    with database() as connection:
        return connection.execute("SELECT event, state FROM notices ORDER BY event").fetchall()


WEBHOOK = "  - {channel: webhook, url_env: HOOK}"


def test_a_failure_is_told_with_what_to_do(listener: Endpoint, tell: Tell, do: Do) -> None:
    """Who, what, where, why: enough to act on, and no link in it."""
    tell(WEBHOOK)
    code, _, err = do(f"{BAD} --run-id r1")
    assert (code, err) == (1, "")
    (told,) = posted(listener)
    data = told["data"]
    assert told["type"] == "run.failure"
    assert (data["playbook"], data["environment"], data["host"]) == ("tiny", "here", "127.0.0.1")
    assert (data["run_id"], data["participant"], data["exit_code"]) == ("r1", "firms/F/users/U", 1)
    (step,) = data["failed_steps"]
    assert step == {
        "step": "said",
        "title": "Say it",
        "status": "failed",
        "message": "inputs.good (inputs.good is false)",
        "help": "ask https[:]//help.test for more",
    }
    assert states() == [("failure", "delivered")]


def test_a_success_is_told_to_those_who_want_it(listener: Endpoint, tell: Tell, do: Do) -> None:
    """Nobody else hears of it."""
    tell(f"{WEBHOOK}\n  - {{channel: webhook, url_env: HOOK, on: [success]}}")
    do(GOOD)
    assert [each["type"] for each in posted(listener)] == ["run.success"]


def test_a_recovery_is_told_once(listener: Endpoint, tell: Tell, do: Do) -> None:
    """After a failure of the same playbook in the same environment, and of no other."""
    tell(WEBHOOK)
    Path("other.yaml").write_text(PLAYBOOK.replace("tiny", "other"))
    for line in (GOOD, BAD, GOOD.replace("tiny", "other"), GOOD, GOOD):
        do(line)
    assert [each["type"] for each in posted(listener)] == ["run.failure", "run.recovery"]


def test_an_environment_may_tell_nobody(listener: Endpoint, tell: Tell, do: Do) -> None:
    """Its own list replaces the one at the top."""
    tell(WEBHOOK)
    with Path("pmx.yaml").open("a") as file:
        file.write("    notify: []\n")
    do(BAD)
    assert listener.got == []


def test_a_variable_that_is_not_set_is_said_before_the_run(tell: Tell, do: Do) -> None:
    """A warning: the run goes on, and what is owed waits for it."""
    tell("  - {channel: slack, url_env: NOT_SET_HERE}")
    code, _, err = do(BAD)
    assert code == 1
    assert err.startswith("warning: `notify` needs the environment variable NOT_SET_HERE, which is not set\n")
    assert states() == [("failure", "owed")]


def entries() -> list[tuple[str, str]]:
    with database() as connection:
        found = connection.execute("SELECT kind, path, data FROM entries ORDER BY sequence").fetchall()
    return [(kind, path) for kind, path, _ in found]


def alike(out: str) -> str:
    """Output without what time it took."""
    import re

    return re.sub(r"\d+ ms", "N ms", out)


@pytest.mark.parametrize("trouble", ["gone", "500", "hangs"])
def test_trouble_changes_nothing_about_the_run(
    trouble: str, listener: Endpoint, tell: Tell, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not its exit code, its output or its record; and it arrives later, once."""
    quiet = do(BAD)
    recorded = entries()
    Path("state/journal.sqlite3").unlink()
    tell(f"{WEBHOOK}\n  - {{channel: webhook, url_env: HOOK, on: [success]}}")
    if trouble == "gone":
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{closed_port()}/{MARKER}")
    elif trouble == "500":
        listener.status = 500
    else:
        listener.answering.clear()
    code, out, err = do(BAD)
    assert (code, alike(out), err) == (quiet[0], alike(quiet[1]), quiet[2])
    assert entries() == recorded
    assert states() == [("failure", "owed")]
    listener.status = 204
    listener.answering.set()
    monkeypatch.setenv("HOOK", f"{listener.url}/{MARKER}")
    before = len(listener.got)
    code, out, err = do("notify")
    assert (code, err) == (0, "")
    assert out.startswith("delivered: webhook by HOOK, failure of run ")
    assert do("notify") == (0, "nothing is owed\n", "")
    assert len(listener.got) == before + 1
    assert len({each.headers["webhook-id"] for each in listener.got}) == 1


@pytest.mark.parametrize("line", ["history", "resume", GOOD])
def test_other_commands_deliver_what_is_due(line: str, listener: Endpoint, tell: Tell, do: Do) -> None:
    """Without a word of it."""
    tell(WEBHOOK)
    listener.status = 500
    do(BAD)
    do(line)
    assert len(listener.got) == (2 if line == GOOD else 1), "tried again before it was due"
    listener.status = 204
    let_pass(0)
    assert do(line)[2] == ""
    assert ("failure", "delivered") in states()
    assert ("failure", "owed") not in states()


def test_after_three_days_it_is_given_up_and_said(listener: Endpoint, tell: Tell, do: Do) -> None:
    """Once, with the reason of the last try."""
    tell(WEBHOOK)
    listener.status = 500
    do(f"{BAD} --run-id r1")
    let_pass(2.9)
    assert do("history")[2] == ""
    let_pass(0.2)
    assert do("history")[2] == "given up after 3 days: webhook by HOOK, failure of run r1: it was answered 500\n"
    assert do("history")[2] == ""
    assert do("notify") == (0, "nothing is owed\n", "")


def test_what_still_does_not_arrive_is_said(listener: Endpoint, tell: Tell, do: Do) -> None:
    """By `notify`, with exit code 3; each is tried once."""
    tell(WEBHOOK)
    listener.status = 500
    do(f"{BAD} --run-id r1")
    assert do("notify") == (3, "", "still owed: webhook by HOOK, failure of run r1: it was answered 500\n")
    assert len(listener.got) == 2


HEARTBEAT = "  - {channel: heartbeat, url_env: HOOK}"


def test_heartbeats(listener: Endpoint, tell: Tell, do: Do) -> None:
    """A start and an end, which belong together by their `rid`."""
    tell(HEARTBEAT)
    do(GOOD)
    paths = sorted(each.path.partition("?")[0] for each in listener.wait(2))
    assert paths == [f"/{MARKER}", f"/{MARKER}/start"]
    do(BAD)
    paths = sorted(each.path.partition("?")[0] for each in listener.wait(2)[2:])
    assert paths == [f"/{MARKER}/fail", f"/{MARKER}/start"]
    assert len({each.path.partition("rid=")[2] for each in listener.got}) == 2


def test_a_late_heartbeat_is_not_sent(listener: Endpoint, tell: Tell, do: Do) -> None:
    """The next run's is what counts, and after an hour none does."""
    tell(HEARTBEAT)
    listener.status = 500
    do(BAD)
    do(GOOD)
    assert states() == [("heartbeat.fail", "given_up"), ("heartbeat.success", "owed")]
    let_pass(0.05)
    assert do("history")[2] == ""
    assert states() == [("heartbeat.fail", "given_up"), ("heartbeat.success", "given_up")]


def test_a_mistake_of_ours_is_not_the_runs(
    listener: Endpoint, tell: Tell, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line on stderr, and the run's own exit code."""
    tell(WEBHOOK)
    monkeypatch.setattr(message, "message", lambda *_: 1 / 0)
    code, _, err = do(BAD)
    assert (code, err) == (1, "nobody could be told of the run: a mistake of our own (ZeroDivisionError)\n")


def test_what_cannot_be_kept_is_tried_all_the_same(
    listener: Endpoint, tell: Tell, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is when people have to hear of it."""

    def refuse(self: Outbox, messages: object) -> None:
        raise NotRecorded("no room")

    tell(WEBHOOK)
    monkeypatch.setattr(Outbox, "owe", refuse)
    assert do(BAD)[0] == 1
    assert [each["type"] for each in posted(listener)] == ["run.failure"]


def test_secrets_appear_nowhere(listener: Endpoint, tell: Tell, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the address, the signing secret or the password, and no secret input: in no output, message or file."""
    secrets = {"KEY": "Marker-signing-secret", "PASS": "Marker-password", "PMX_INPUT_PIN": "Marker-input-1234"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    mail = "channel: email, host: 127.0.0.1, tls: none, from: a@b.c, to: [d@e.f], user: me, password_env: PASS"
    tell(
        f"  - {{channel: webhook, url_env: HOOK, secret_env: KEY}}\n  - {{{mail}, port: {closed_port()}}}\n{HEARTBEAT}"
    )
    listener.status = 500
    shown = "".join(
        map(str, (do(f"{BAD} --verbose --report json=r.json"), do("notify"), do("history"), do("doctor --env here")))
    )
    files = b"".join(path.read_bytes() for path in Path("state").rglob("*") if path.is_file())
    bodies = b"".join(each.body for each in listener.got)
    for secret in (MARKER, *secrets.values()):
        assert secret not in shown
        assert secret not in Path("r.json").read_text()
        assert secret.encode() not in files
        assert secret.encode() not in bodies


def test_orders_in_doubt_come_with_the_exact_command(listener: Endpoint, folder: Path) -> None:
    """As `history` has it, from the events of a run that nobody could settle; told once, though it is settled twice."""
    channel = Channel("webhook", url_env="HOOK")
    settings = Settings(
        Setting("preprod"),
        Setting(Decimal(20)),
        Setting(Decimal(300)),
        Setting(400),
        state_dir=Setting(folder / "state", "--state-dir"),
        notify=Setting((channel,)),
    )
    events: list[Event] = [STARTED, intended("c1"), owed("c1"), finished("in_doubt", 4)]
    with book_of(settings) as book:
        for _ in range(2):
            telling = Telling(book, a_run("r1"), settings, Redactor())
            telling.begin()
            telling.end(events)
    (told,) = posted(listener)
    assert told["type"] == "run.in_doubt"
    assert told["data"]["in_doubt"] == [
        f"order of unknown id (client order id c1), sym, participant {ALICE}, last known state not known"
    ]
    assert told["data"]["command"] == f"pmx-run resume r1 --state-dir {folder / 'state'}"
