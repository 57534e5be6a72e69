"""`pmx-run list`: every bundled playbook, what it does at the exchange, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from e2e.costs import BY_THE_ROUND, SENTENCES, costs

from runner.cli.command_words import bundled_playbooks
from runner.cli.main import dispatch


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert dispatch(["list", *words]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def test_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Each once, under the heading of its first tag, in 80 columns."""
    lines = listed(capsys).splitlines()
    assert sorted(line.split()[0] for line in lines if line[:2] == "  " and line[2] != " ") == [*bundled_playbooks()]
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("`pmx-run NAME` runs one")


def test_one_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    """What it is, what it does, how much is at risk, and its calls."""
    assert CANARY in listed(capsys)


CANARY = """
  canary-order              One smallest resting order far from the market,
                            cancelled at once; for cron.
                            3 steps, sends orders, cancels orders (at most 1,
                            $1.00); cron, orders, prod-safe
                            One order of a cent at most that never trades
                            (post-only): a token, 1 insert, 1 cancel and some 6
                            reads.
"""


def test_by_tag(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that have one of the tags; none is no mistake."""
    found = json.loads(listed(capsys, "--tags", "cron,nothing", "--json"))["playbooks"]
    assert {"canary-order", "stale-order-sweep"} <= {each["name"] for each in found}
    assert all("cron" in each["tags"] for each in found)
    assert json.loads(listed(capsys, "--tags", "nothing", "--json"))["playbooks"] == []


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For programs: whether orders are sent, the limits, and what it includes."""
    document = json.loads(listed(capsys, "--json"))
    found = {each["name"]: each for each in document["playbooks"]}
    assert document["version"] == 1
    assert {name for name, each in found.items() if each["sends_orders"]} >= {"quickstart", "canary-order"}
    assert not found["preflight"]["sends_orders"]
    assert found["stale-order-sweep"]["acts"] == ["cancels orders"]
    assert found["kyc-onboarding"]["acts"] == ["makes users"]
    assert found["quickstart"]["limits"] == {"orders": "1", "exposure": "5.00"}
    assert found["preflight"]["limits"] == {"orders": None, "exposure": None}
    assert found["quickstart"]["includes"] == []


@pytest.mark.parametrize("name", sorted(SENTENCES.keys() - BY_THE_ROUND))
def test_the_calls_are_those_of_the_plan(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence is written by hand: no fewer than a plan knows to be made, no more than it knows to be possible."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    assert dispatch(["plan", name, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    certain = [
        each
        for step in plan["steps"]
        for each in step["requests"]
        if step["performed"] == "yes" and not each["when"] and not each["only_after_failure"]
    ]
    sure = sum(not each["path"].endswith("/oauth/token") and "token URL" not in each["path"] for each in certain)
    told, most = costs(SENTENCES[name]), plan["calls"]["most"]
    assert sure <= told.most, SENTENCES[name]
    assert most is None or told.least <= most, SENTENCES[name]
    assert most != sure or told.least == told.most == sure, SENTENCES[name]
