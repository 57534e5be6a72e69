"""Whether a run passes the production gate is decided by the host, whatever the environment is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.settings import ConfigFile, Options, Setting, gather, production
from runner.source import Source, Span

PREPROD = "https://api.preprod.polymarketexchange.com"
PROD = "https://api.prod.polymarketexchange.com"
TABLE = [
    # base URL, without a mark, marked false, marked true
    (PREPROD, False, False, True),
    (f"{PREPROD}:443", False, False, True),
    ("https://API.preprod.polymarketexchange.com.", False, False, True),
    (PROD, True, False, True),
    ("https://api.polymarketexchange.com", True, False, True),
    ("https://api.preprod.polymarketexchange.com.evil.example", True, False, True),
    ("https://proxy.example.com/preprod", True, False, True),
    ("https://10.0.0.7", True, False, True),
    ("https://127.0.0.1.example.com", True, False, True),
    ("http://127.0.0.1:8080", False, False, True),
    ("http://127.8.9.10", False, False, True),
    ("http://[::1]:8080", False, False, True),
    ("https://localhost", False, False, True),
]
MARKS = (None, False, True)


def file_with(url: str | None, mark: bool | None, environment: str = "uat") -> ConfigFile:
    said = {"base_url": url, "production": mark}
    span = Span("pmx.yaml", 3, 5)
    settings = {key: Setting(value, str(span), span) for key, value in said.items() if value is not None}
    return ConfigFile(Source("pmx.yaml", ""), Path(), {}, {environment: settings})


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_host_and_mark_decide(row: tuple[str, bool, bool, bool], mark: bool | None) -> None:
    """Loopback and the built-in non-production host are none; every other is, unless it is marked."""
    settings, _ = gather(file_with(row[0], mark), {}, Options(environment="uat"))
    assert production(settings) is row[1 + MARKS.index(mark)]


@pytest.mark.parametrize(("name", "expected"), [("preprod", False), ("prod", True), ("sandbox", False)])
def test_built_in_environments(name: str, expected: bool) -> None:
    """Without any file."""
    assert production(gather(None, {}, Options(environment=name))[0]) is expected


def test_the_name_of_an_environment_does_not_matter() -> None:
    """``preprod`` at an unknown host is production."""
    settings, _ = gather(None, {"PMX_BASE_URL": "https://api.example.com"}, Options(environment="preprod"))
    assert production(settings)


def test_a_mark_vouches_only_for_the_address_beside_it() -> None:
    """A variable that puts another host in its place brings the gate back, and a warning says so."""
    file = file_with("https://proxy.example.com", mark=False)
    settings, _ = gather(file, {"PMX_BASE_URL": PROD}, Options(environment="uat"))
    assert production(settings)
    assert [each.title for each in settings.warnings] == [
        "`production: false` is not used: base_url comes from another place (environment variable PMX_BASE_URL)"
    ]
    same, _ = gather(file, {"PMX_BASE_URL": "https://proxy.example.com/"}, Options(environment="uat"))
    assert not production(same)
    built_in, _ = gather(file_with(None, False, "prod"), {}, Options(environment="prod"))
    assert production(built_in)
