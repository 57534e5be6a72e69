"""`pmx-run plan`: what it tells, what it refuses, and that it touches nobody; `run --plan` holds a run to it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import jsonschema_rs
import pytest
from reporters.schema import strict

from runner.cli.main import dispatch
from runner.playbook.schemas import schemas_folder

SCHEMA: Any = json.loads((schemas_folder() / "plan.schema.json").read_text(encoding="utf-8"))
KEY = "-----BEGIN PRIVATE KEY-----\nnobody reads it\n-----END PRIVATE KEY-----\n"
ADDRESS = {
    "PMX_BASE_URL": "http://127.0.0.1:9",
    "PMX_AUTH_URL": "http://127.0.0.1:9/oauth/token",
    "PMX_CLIENT_ID": "client-1",
    "PMX_PRIVATE_KEY_PATH": "key.pem",
    "PMX_PARTICIPANT_ID": "firms/F/users/u",
    "PMX_ACCOUNT": "firms/F/accounts/a",
}
ORDERS = """
version: 1
name: orders
inputs:
  symbol: {type: string, default: abc}
  prices: {type: list, default: [0.10, 0.25]}
  code: {type: string, secret: true}
limits: {orders: 3, exposure: 5.00, requests: 50, symbols: [abc, x-*], per_day: {orders: 9}}
steps:
  - id: buy
    for_each: inputs.prices
    as: price
    action: place_order
    with: {symbol: "{{ inputs.symbol }}", side: buy, price: "{{ price }}", quantity: 3}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: "{{ inputs.symbol }}"}}
  - id: hook
    action: http
    with: {method: POST, url: "https://hooks.example.com/x", body: {code: "{{ inputs.code }}"}}
  - id: balance
    action: check_balance
allow_hosts: [hooks.example.com]
"""
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a playbook and a key, and settings that lead to an address where nobody is."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PMX_INPUT_CODE", "hush-hush-hush")
    for name, value in ADDRESS.items():
        monkeypatch.setenv(name, value)
    Path("key.pem").touch(0o600)
    Path("key.pem").write_text(KEY)
    Path("orders.yaml").write_text(ORDERS)
    return tmp_path


@pytest.fixture(autouse=True)
def nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection or starts a process fails."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("somebody was called")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("subprocess.Popen", refuse)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """A command line: its exit code, stdout and stderr."""

    def perform(*words: str) -> tuple[int, str, str]:
        try:
            code = dispatch(list(words))
        except SystemExit as stop:
            code = int(stop.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return perform


def plan(command: Command, *words: str) -> Any:
    """The document, which is what its schema says and names no further field."""
    code, out, err = command("plan", *words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(found)
    jsonschema.Draft202012Validator(strict(SCHEMA)).validate(found)
    return found


@pytest.mark.parametrize("playbook", ["quickstart", "on-behalf-of", "orders.yaml"])
@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "addressed"])
def test_the_document(playbook: str, embedded: bool, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what its schema says, tells every step, and nobody was called for it; no journal was made."""
    for name in (*(ADDRESS if embedded else ()), *(() if playbook == "orders.yaml" else ("PMX_INPUT_CODE",))):
        monkeypatch.delenv(name)
    found = plan(command, playbook)
    assert found["environment"]["base_url"] == (None if embedded else ADDRESS["PMX_BASE_URL"])
    assert all(step["requests"] for step in found["steps"])
    assert not list(Path("state").rglob("*.db")) + list(Path("state").rglob("*.sqlite*"))


def test_money(command: Command) -> None:
    """Exact dollars of each step, and against each limit with what is left and where it stands."""
    found = plan(command, "orders.yaml")
    assert [(step["id"], step["money"]) for step in found["steps"] if step["money"]] == [
        ("buy", {"orders": 2, "exposure": "1.05"})
    ]
    used = {each["name"]: (each["limit"], each["used"], each["left"]) for each in found["limits"]}
    assert used["orders"] == ("3", "2", "1")
    assert used["exposure"] == ("5", "1.05", "3.95")
    assert used["per_day.orders"] == ("9", "2", "7")
    assert {each["stands_at"].rpartition(":")[0] for each in found["limits"]} == {"orders.yaml:8"}
    assert [(each["used"], each["refused"]) for each in found["names"]] == [(["abc"], [])]


def test_a_loop_over_a_known_list(command: Command) -> None:
    """Each item has requests of its own, with the item's values."""
    [buy, *_] = plan(command, "orders.yaml")["steps"]
    inserts = [each for each in buy["requests"] if each["path"] == "/v1/trading/orders" and not each["when"]]
    prices = [json.loads(each["body"])["price"] for each in inserts]
    assert [each["item"] for each in inserts] == [0, 1]
    assert prices == [f"<price in the instrument's integers: {each} x price_scale>" for each in ("0.1", "0.25")]


def test_an_order_over_a_limit_is_refused(command: Command) -> None:
    """As a run would: exit 5, with the limit and its place."""
    code, out, err = command("plan", "orders.yaml", "-i", "prices=[0.5, 0.6, 0.7]")
    assert (code, out) == (5, "")
    assert "orders.yaml:8" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.yaml"], "missing.yaml"),
        (["orders.yaml", "-i", "symbool=x"], "unknown input `symbool`"),
        (["orders.yaml", "--env", "nowhere-else", "-i", "x"], "error"),
    ],
    ids=["file", "input", "settings"],
)
def test_mistakes(words: list[str], said: str, command: Command) -> None:
    """Exit 2, as everywhere."""
    code, out, err = command("plan", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_secrets(command: Command) -> None:
    """Nothing that is secret, nor its length, is told in either form, and a plan with it is another one."""
    found = plan(command, "orders.yaml")
    _, text, _ = command("plan", "orders.yaml")
    assert "hush-hush-hush" not in json.dumps(found) + text
    [hook] = next(step for step in found["steps"] if step["id"] == "hook")["requests"]
    assert (hook["host"], hook["known"], hook["body"]) == ("https://hooks.example.com", True, '{"code":"****"}')
    assert hook["headers"]["Content-Length"] == "****"
    assert found["inputs"]["code"] == "****"


def test_for_people(command: Command) -> None:
    """Within 80 columns but for hash and paths, without colours in a pipe, with what to type next."""
    code, text, _ = command("plan", "quickstart")
    assert code == 0
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\x1b" not in text
    assert text.splitlines()[-1] == "  pmx-run quickstart --plan HASH"
    assert "  ● POST /v1/refdata/instruments" in text
    assert "<chosen.symbol, from step instruments>" in text.replace("\n      ", " ")


CHANGES: dict[str, tuple[Callable[[pytest.MonkeyPatch], object], list[str], str]] = {
    "playbook": (lambda _: Path("orders.yaml").write_text(ORDERS + "# later\n"), [], "the playbook changed"),
    "input": (lambda _: None, ["-i", "symbol=x-1"], "the inputs changed"),
    "secret input": (lambda patch: patch.setenv("PMX_INPUT_CODE", "hush-hush-else"), [], "the inputs changed"),
    "base URL": (lambda patch: patch.setenv("PMX_BASE_URL", "http://127.0.0.1:7"), [], "the settings changed"),
    "account": (lambda _: None, ["--account", "firms/F/accounts/b"], "the settings changed"),
    "rates": (lambda _: Path("pmx.yaml").write_text("rates: {users: 5/min}\n"), [], "the settings changed"),
    "limits": (lambda _: Path("pmx.yaml").write_text("limits: {orders: 2}\n"), [], "the settings changed"),
    "version": (
        lambda patch: [patch.setattr(f"runner.cli.{each}.__version__", "9.9.9") for each in ("plan", "run")],
        [],
        "the version of pmx-run changed",
    ),
    "several": (
        lambda patch: patch.setenv("PMX_CLIENT_ID", "client-2"),
        ["-i", "symbol=x-2"],
        "the inputs and the settings changed",
    ),
}


@pytest.mark.parametrize(("change", "words", "said"), CHANGES.values(), ids=CHANGES)
def test_a_run_is_held_to_its_plan(
    change: Callable[[pytest.MonkeyPatch], object],
    words: list[str],
    said: str,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever changed since the plan was told is named, exit 5, and nobody was called."""
    told = plan(command, "orders.yaml")["hash"]
    assert plan(command, "orders.yaml")["hash"] == told
    change(monkeypatch)
    code, out, err = command("orders.yaml", *words, "--plan", told)
    assert (code, out) == (5, "")
    assert f"this is not the plan that was stated: {said} since; nothing was sent" in err


def test_where_the_state_lies_is_no_part_of_a_plan(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor which file holds the key: the same plan may be looked at on one machine and run on another."""
    told = plan(command, "orders.yaml")["hash"]
    Path("key.pem").rename("other.pem")
    monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", "other.pem")
    monkeypatch.setenv("PMX_STATE_DIR", "elsewhere")
    assert plan(command, "orders.yaml")["hash"] == told


@pytest.mark.parametrize(
    "hash", ["abc", "", "0" * 68, "x" * 32 + "-00000000" * 5], ids=["short", "empty", "long", "hex"]
)
def test_a_hash_of_another_form_is_wrong(hash: str, command: Command) -> None:
    """Exit 2."""
    code, out, err = command("orders.yaml", "--plan", hash)
    assert (code, out) == (2, "")
    assert "is not the hash of a plan" in err


def test_a_hash_is_of_one_playbook(command: Command) -> None:
    """Two playbooks have two plans."""
    code, _, err = command("orders.yaml", "quickstart", "--plan", "0" * 32 + "-00000000" * 5)
    assert (code, "one playbook" in err) == (2, True)


INNER = """
version: 1
name: inner
inputs: {price: {type: decimal, default: 0.2}}
limits: {orders: 1, exposure: 0.50, symbols: [ab*], per_day: {orders: 4}}
steps:
  - {id: buy, action: place_order, with: {symbol: abc, side: buy, price: "{{ inputs.price }}", quantity: 1}}
"""
OUTER = """
version: 1
name: outer
steps:
  - {id: once, action: run_playbook, with: {path: middle.yaml}}
  - {id: never, when: false, action: run_playbook, with: {path: inner.yaml}}
  - {id: perhaps, action: whoami}
"""
MIDDLE = """
version: 1
name: middle
limits: {orders: 2}
steps:
  - id: each
    for_each: [0.1, 0.4]
    action: run_playbook
    with: {path: inner.yaml, inputs: {price: "{{ item }}"}}
"""


@pytest.fixture
def nested(monkeypatch: pytest.MonkeyPatch) -> None:
    """A playbook that includes one that includes another, twice."""
    monkeypatch.delenv("PMX_INPUT_CODE")
    for name, text in {"inner": INNER, "middle": MIDDLE, "outer": OUTER}.items():
        Path(f"{name}.yaml").write_text(text)


@pytest.mark.usefixtures("nested")
def test_an_included_playbook_has_limits_of_its_own(command: Command) -> None:
    """They stand under the step that includes it, held against the performance that uses most of each; those of a day
    against the run."""
    steps = {each["path"]: each["included"] for each in plan(command, "outer.yaml")["steps"]}
    assert (steps["perhaps"], steps["once/each/buy"]) == (None, None)
    assert steps["once"]["path"] == "middle.yaml"
    assert used(steps["once"]) == {"orders": ("2", "2", "0")}
    assert used(steps["once/each"]) == {
        "orders": ("1", "1", "0"),
        "exposure": ("0.5", "0.4", "0.1"),
        "per_day.orders": ("4", "2", "2"),
    }
    assert used(steps["never"])["orders"] == ("1", "0", "1")
    assert [(each["allowed"], each["used"]) for each in steps["once/each"]["names"]] == [(["ab*"], ["abc"])]
    assert [each["used"] for each in steps["never"]["names"]] == [[]]
    assert {each["stands_at"].rpartition(":")[0] for each in steps["once/each"]["limits"]} == {"inner.yaml:5"}


def used(stated: Any) -> dict[str, tuple[str, str, str]]:
    """Limit, what is used of it and what is left, by the limit's name."""
    return {each["name"]: (each["limit"], each["used"], each["left"]) for each in stated["limits"]}


@pytest.mark.usefixtures("nested")
def test_the_limits_of_an_included_playbook_are_told_below_its_step(command: Command) -> None:
    """In the columns of those of the run."""
    lines = command("plan", "outer.yaml")[1].splitlines()
    at = lines.index("once           Perform another playbook")
    assert lines[at + 1 : at + 3] == [
        "  its own limit, each time  at most  used  left  stands at",
        "  orders                    2        2     0     middle.yaml:4:18",
    ]
