"""``pmx.yaml`` is found from the playbook upwards, refused if others had a hand in it, and read with places."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.cli import config_keys
from runner.cli.config import config_for, read_config
from runner.errors import WrongInput
from runner.playbook.reader import decode, read
from runner.settings import ConfigFile, Options, gather
from runner.value import Kind

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "pmx.schema.json").read_text())
MAPPING = ["object", "null"]
WHOLE = """\
environment: uat
state_dir: state
reconcile_window: 1m30s
limits: {orders: 5, exposure: "12.50"}
environments:
  uat:
    base_url: https://api.example.com
    auth_url: https://auth.example.com/oauth/token
    client_id: c
    private_key_path: keys/uat.pem
    participant_id: firms/F/users/U
    account: firms/F/accounts/A
    production: false
    pins: {client_ids: [c, d], firms: [F]}
    limits:
      order_exposure: 0.57
      per_day: {orders: 20, exposure: "30.00"}
      symbols: [tec-*, nba-*]
  prod:
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pmx.yaml").write_text(WHOLE)
    (tmp_path / "pmx.yaml").chmod(0o644)


def found(start: str = ".", given: str | None = None) -> ConfigFile:
    file = config_for(Path(start), given)
    assert file is not None
    return file


def refusal(text: str) -> str:
    Path("pmx.yaml").write_text(text)
    with pytest.raises(WrongInput) as caught:
        found()
    return str(caught.value)


def test_it_is_found_upwards(tmp_path: Path) -> None:
    """From the folder of the playbook; the nearest one counts."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert found("a/b").source.path == "pmx.yaml"
    (tmp_path / "a" / "pmx.yaml").write_text("environment: prod\n")
    (tmp_path / "a" / "pmx.yaml").chmod(0o600)
    assert found("a/b").source.path == "a/pmx.yaml"


def test_a_given_one_is_the_only_one(tmp_path: Path) -> None:
    """``--config``; one that isn't there is an error, not a search."""
    (tmp_path / "other.yaml").write_text("environment: prod\n")
    (tmp_path / "other.yaml").chmod(0o600)
    assert found(".", "other.yaml").top["environment"].value == "prod"
    with pytest.raises(WrongInput, match=r"^error: none.yaml can't be read: No such file or directory$"):
        found(".", "none.yaml")


def test_values_become_settings_with_their_places(tmp_path: Path) -> None:
    """Exact decimals, seconds, and where each was written."""
    file = found()
    assert {key: (each.value, each.origin) for key, each in file.top.items()} == {
        "environment": ("uat", "pmx.yaml:1:14"),
        "state_dir": ("state", "pmx.yaml:2:12"),
        "reconcile_window": (Decimal(90), "pmx.yaml:3:19"),
        "limits.orders": (5, "pmx.yaml:4:18"),
        "limits.exposure": (Decimal("12.50"), "pmx.yaml:4:31"),
    }
    here = file.environments["uat"]
    assert here["production"].value is False
    assert here["limits.order_exposure"].value == Decimal("0.57")
    assert here["limits.symbols"].value == ("tec-*", "nba-*")
    assert here["limits.per_day.orders"].origin == "pmx.yaml:17:25"
    assert here["limits.per_day.exposure"].value == Decimal("30.00")
    assert here["pins.client_ids"].value == ("c", "d")
    assert file.environments["prod"] == {}
    settings, problems = gather(file, {}, Options())
    assert problems == ()
    assert settings.private_key is not None
    assert settings.private_key.value == tmp_path / "keys" / "uat.pem"


def test_a_link_s_own_folder_counts(tmp_path: Path) -> None:
    """A mounted file is often a link to one elsewhere; relative paths start where it was found."""
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "pmx.yaml").symlink_to(tmp_path / "pmx.yaml")
    assert found("mounted").folder == tmp_path / "mounted"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o664, "error: others can write to pmx.yaml\n  = help: it decides where orders are sent; chmod go-w pmx.yaml"),
        (0o646, "error: others can write to pmx.yaml\n  = help: it decides where orders are sent; chmod go-w pmx.yaml"),
    ],
    ids=["group", "world"],
)
def test_a_file_that_others_can_write_is_refused(mode: int, expected: str) -> None:
    """With the command to type."""
    Path("pmx.yaml").chmod(mode)
    with pytest.raises(WrongInput) as caught:
        found()
    assert str(caught.value) == expected


def test_a_file_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns it could send our orders elsewhere."""
    somebody = Path("pmx.yaml").stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    with pytest.raises(WrongInput, match=r"^error: pmx.yaml belongs to another user"):
        found()


def test_all_problems_are_shown_at_once_with_carets() -> None:
    """Unknown keys with the nearest known one, wrong values, and keys that are not built yet."""
    text = "limts: {}\nprofiles: x\nreconcile_window: 20\n"
    text += "limits:\n  per_day: {orders: -3, order: 3}\nenvironments:\n  uat: 3\n"
    assert refusal(text) == (
        "error: unknown key `limts`\n"
        " --> pmx.yaml:1:1\n"
        "  |\n"
        "1 | limts: {}\n"
        "  | ^^^^^ not a key of the top of this file\n"
        "  |\n"
        "  = help: did you mean `limits`?\n"
        "\n"
        "error: `profiles` is not yet supported\n"
        " --> pmx.yaml:2:1\n"
        "  |\n"
        "2 | profiles: x\n"
        "  | ^^^^^^^^\n"
        "  |\n"
        "  = help: remove it for now\n"
        "\n"
        "error: wrong value of `reconcile_window`\n"
        " --> pmx.yaml:3:19\n"
        "  |\n"
        "3 | reconcile_window: 20\n"
        "  |                   ^^ a duration such as `20s` is wanted, not 20\n"
        "\n"
        "error: wrong value of `orders`\n"
        " --> pmx.yaml:5:21\n"
        "  |\n"
        "5 |   per_day: {orders: -3, order: 3}\n"
        "  |                     ^^ a number from 0 on is wanted, not -3\n"
        "\n"
        "error: unknown key `order`\n"
        " --> pmx.yaml:5:25\n"
        "  |\n"
        "5 |   per_day: {orders: -3, order: 3}\n"
        "  |                         ^^^^^ not a key of `per_day`\n"
        "  |\n"
        "  = help: did you mean `orders`?\n"
        "\n"
        "error: an environment must be a mapping\n"
        " --> pmx.yaml:7:8\n"
        "  |\n"
        "7 |   uat: 3\n"
        "  |        ^ not a mapping"
    )


@pytest.mark.parametrize("key", ["grpc_target", "profiles"])
def test_keys_of_later_are_not_ignored(key: str) -> None:
    """At the top and in an environment."""
    assert f"`{key}` is not yet supported" in refusal(f"{key}: x\n")
    assert f"`{key}` is not yet supported" in refusal(f"environments:\n  uat:\n    {key}: x\n")


def without_words(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "description"}


@pytest.mark.parametrize(
    ("kinds", "described"),
    [
        (config_keys.TOP, SCHEMA),
        (config_keys.ENVIRONMENT, SCHEMA["$defs"]["environment"]),
        (config_keys.LIMITS, SCHEMA["$defs"]["limits"]),
        (config_keys.PER_DAY, SCHEMA["$defs"]["per_day"]),
        (config_keys.PINS, SCHEMA["$defs"]["pins"]),
    ],
    ids=["top", "environment", "limits", "per_day", "pins"],
)
def test_schema_and_code_know_the_same_keys(kinds: Mapping[str, Kind], described: Mapping[str, Any]) -> None:
    """Each with the same kind of value, and each described."""
    properties = described["properties"]
    assert all(each["description"] for each in properties.values())
    plain = {
        key: without_words(each)
        for key, each in properties.items()
        if "$ref" not in each and each.get("type") != MAPPING
    }
    assert plain == {key: kind.schema for key, kind in kinds.items()}


def test_schema_and_code_know_the_same_rates() -> None:
    """Every operation by its name, each with the same kind of value."""
    described, kinds = SCHEMA["$defs"]["rates"], config_keys.rates()
    assert described["propertyNames"]["enum"] == list(kinds)
    assert all(without_words(described["additionalProperties"]) == kind.schema for kind in kinds.values())


def test_rates_of_the_environment_win() -> None:
    """Operation by operation, each with its place."""
    Path("pmx.yaml").write_text(
        "rates: {search_orders: 6/min, order_book: off}\n"
        "environments:\n  sandbox:\n    rates: {search_orders: 12/s, whoami: 0.5/s}\n"
        "  prod:\n    rates: {order_book: 1/min}\n"
    )
    settings, _ = gather(found(), {}, Options())
    assert {name: (each.value, each.origin) for name, each in settings.rates.items()} == {
        "search_orders": ("12/s", "pmx.yaml:4:28"),
        "order_book": ("off", "pmx.yaml:1:43"),
        "whoami": ("0.5/s", "pmx.yaml:4:42"),
    }
    assert dict(settings.shown())["rates.order_book"] == settings.rates["order_book"]


def test_wrong_rates_are_shown() -> None:
    """An operation that doesn't exist with the nearest one, and what is no rate."""
    assert refusal("rates: {serch_orders: 12/min, positions: 12}\n") == (
        "error: unknown key `serch_orders`\n"
        " --> pmx.yaml:1:9\n"
        "  |\n"
        "1 | rates: {serch_orders: 12/min, positions: 12}\n"
        "  |         ^^^^^^^^^^^^ not a key of `rates`\n"
        "  |\n"
        "  = help: did you mean `search_orders`?\n"
        "\n"
        "error: wrong value of `positions`\n"
        " --> pmx.yaml:1:42\n"
        "  |\n"
        "1 | rates: {serch_orders: 12/min, positions: 12}\n"
        "  |                                          ^^ a rate such as `12/min`, `30/s` or `off` is wanted, not 12"
    )


AGREED = [
    (WHOLE, True),
    ("environment: ''\n", False),
    ("environment: 3\n", False),
    ("reconcile_window: 20\n", False),
    ("reconcile_window: 20s\n", True),
    ("limits: {orders: -1}\n", False),
    ("limits: {orders: 1.5}\n", False),
    ("limits: {exposure: '-1'}\n", False),
    ("limits: {exposure: 0.5}\n", True),
    ("limits: {symbols: tec-*}\n", False),
    ("limits: {symbols: ['']}\n", False),
    ("limits: {per_day: {orders: 20, exposure: '12.50'}}\n", True),
    ("limits:\n  per_day:\n", True),
    ("limits: {per_day: 5}\n", False),
    ("limits: {per_day: {orders: 0.5}}\n", False),
    ("limits: {per_day: {requests: 5}}\n", False),
    ("environments: {uat: {limits: {per_day: {exposure: 0.5}}}}\n", True),
    ("per_day: {orders: 5}\n", False),
    ("limits:\n", True),
    ("environments: []\n", False),
    ("environments: {uat: {production: 'no'}}\n", False),
    ("environments: {uat: {client_id: 123}}\n", False),
    ("environments: {uat: {base_ulr: x}}\n", False),
    ("pins: {firms: [F]}\n", False),
    ("environments: {uat: {pins: {firms: [F], participants: [a, b]}}}\n", True),
    ("environments: {uat: {pins: {firms: F}}}\n", False),
    ("environments: {uat: {pins: {firms: []}}}\n", False),
    ("environments: {uat: {pins: {firm: [F]}}}\n", False),
    ("environments: {uat: {pins: null}}\n", True),
    (f"environments: {{uat: {{pins: {{key_fingerprints: ['SHA256:{'aB:' * 31}00']}}}}}}\n", True),
    (f"environments: {{uat: {{pins: {{key_fingerprints: ['{'ab' * 32}']}}}}}}\n", True),
    (f"environments: {{uat: {{pins: {{key_fingerprints: ['{'ab' * 31}']}}}}}}\n", False),
    ("nonsense: 1\n", False),
    ("rates:\n", True),
    ("rates: {search_orders: 12/min, insert_order: 30/s, users: 0.5/s}\n", True),
    ("rates: {search_orders: off}\n", True),
    ("environments: {uat: {rates: {search_orders: 12/min}}}\n", True),
    ("rates: {search_orders: 0/s}\n", False),
    ("rates: {search_orders: 0.00/min}\n", False),
    ("rates: {search_orders: 12/h}\n", False),
    ("rates: {search_orders: -1/s}\n", False),
    ("rates: {search_orders: 12}\n", False),
    ("rates: {SearchOrders: 12/s}\n", False),
    ("rates: [search_orders]\n", False),
]


@pytest.mark.parametrize(("text", "good"), AGREED)
def test_schema_and_code_agree(text: str, good: bool) -> None:
    """What an editor accepts is what a run accepts."""
    plain = json.loads(json.dumps(read(decode("pmx.yaml", text.encode())).plain(), default=float))
    assert Draft202012Validator(SCHEMA).is_valid(plain) is good
    Path("pmx.yaml").write_text(text)
    if good:
        read_config(Path("pmx.yaml"))
    else:
        refusal(text)
