"""What tells of people: never kept with a run, read again for one that is taken up, and secret in production."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from engine.people import onboard
from engine.world import plan_of, playbook

from runner.cli.gate import pass_gate
from runner.cli.reviving import Prepared, pinned_of, revived
from runner.errors import GuardRefused
from runner.journal.store import Run
from runner.plan import Plan
from runner.plan.inputs import Given
from runner.settings import Options, Settings, resolve

INPUTS = """inputs:
  name: {type: string, default: Marker-Default}
  street: {type: string, default: 1 Elm Row}
  note: {type: string, default: kept}
  mail: {type: string, secret: true}
"""
ADDRESS = {"address_line_1": "{{ inputs.street }}", "city": "Albany", "state": "NY", "postal_code": "12207"}
TEXT = playbook(
    onboard(
        first_name="{{ inputs.name }}", email="{{ inputs.mail }}", referral_code="{{ inputs.note }}", address=ADDRESS
    ),
    head=INPUTS,
)
VARIABLES = {
    "PMX_BASE_URL": "https://api.prod.polymarketexchange.com",
    "PMX_AUTH_URL": "https://auth.example.com/oauth/token",
    "PMX_AUDIENCE": "https://api.prod.polymarketexchange.com",
    "PMX_CLIENT_ID": "client",
    "PMX_PRIVATE_KEY": "never read",
    "PMX_PARTICIPANT_ID": "firms/f/users/u",
}
SECRETS = {"mail": "marker@example.com"}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    for name, value in (VARIABLES | {"PMX_STATE_DIR": str(tmp_path / "state")}).items():
        monkeypatch.setenv(name, value)
    return resolve(None, VARIABLES, Options("prod", None, None, str(tmp_path / "state")))


def prepared(settings: Settings, folder: Path, **given: str) -> Prepared:
    return Prepared(settings, plan_of(TEXT, given, secrets=SECRETS), folder)


def taken_up(settings: Settings, first: Prepared, folder: Path, **given: Any) -> Plan:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    run = Run("run-1", "tried", "prod", VARIABLES["PMX_BASE_URL"], "firms/f/users/u", "", now, now)
    pinned = pinned_of(first, first.settings)
    return revived(run, pinned, Given({}, given, "inputs.yaml", {}), str(folder / "state")).plan


def test_what_is_kept_of_a_run(settings: Settings, tmp_path: Path) -> None:
    """Neither secrets nor what was handed in about people; a default stands in the playbook's text anyway."""
    data = pinned_of(prepared(settings, tmp_path, name="Marker-Given", note="other"), settings).data
    assert data["inputs"] == {"street": "1 Elm Row", "note": "other"}
    assert data["withheld"] == ["name"]
    assert "arker" not in json.dumps(data).replace(str(tmp_path), "")


def test_taken_up_again(settings: Settings, tmp_path: Path) -> None:
    """What was not kept has to be handed in once more, and no default takes its place: it is somebody else."""
    first = prepared(settings, tmp_path, name="Marker-Given")
    again = taken_up(settings, first, tmp_path, name="Marker-Given", mail="marker@example.com")
    assert again.inputs == first.plan.inputs
    assert taken_up(settings, first, tmp_path).inputs == {"street": "1 Elm Row", "note": "kept"}
    untouched = prepared(settings, tmp_path)
    assert taken_up(settings, untouched, tmp_path).inputs["name"] == "Marker-Default"


def test_production_takes_secrets_alone(settings: Settings, tmp_path: Path) -> None:
    """There nobody is invented, whatever number he has; the message says where, and not who."""
    with pytest.raises(GuardRefused) as refused:
        pass_gate(settings, prepared(settings, tmp_path).plan, yes=True)
    assert "`ssn` is no secret (playbooks/tried.yaml:" in refused.value.message
    assert "123450000" not in refused.value.message
    names = ("ssn", "first_name", "last_name", "date_of_birth", "email", "phone_number", "ip_address", "street")
    head = "inputs:\n" + "".join(f"  {name}: {{type: string, secret: true}}\n" for name in names)
    given = {name: f"{{{{ inputs.{name} }}}}" for name in names if name != "street"}
    address = dict.fromkeys(("address_line_1", "city", "postal_code"), "{{ inputs.street }}") | {"state": "NY"}
    text = playbook(onboard(**given, address=address), head=head)
    pass_gate(settings, plan_of(text, secrets=dict.fromkeys(names, "x" * 9)), yes=True)
