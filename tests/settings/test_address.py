"""Addresses are judged by what is written in them; nothing is looked up."""

from __future__ import annotations

import pytest

from runner.address import host_of, is_loopback, url_problem


@pytest.mark.parametrize(
    ("url", "host", "loopback"),
    [
        ("https://API.Example.com:443/v1", "api.example.com", False),
        ("https://api.example.com./", "api.example.com", False),
        ("http://localhost:8080", "localhost", True),
        ("http://127.0.0.1", "127.0.0.1", True),
        ("http://127.255.0.3:1", "127.255.0.3", True),
        ("http://[::1]:8080/x", "::1", True),
        ("http://127.0.0.1.example.com", "127.0.0.1.example.com", False),
        ("http://localhost.example.com", "localhost.example.com", False),
        ("http://127.0.0.1@example.com", "example.com", False),
        ("http://0.0.0.0", "0.0.0.0", False),
        ("http://[::2]", "::2", False),
        ("http://[::1", "", False),
        ("https://host:port", "", False),
        ("/v1/health", "", False),
        ("", "", False),
    ],
)
def test_host_and_loopback(url: str, host: str, loopback: bool) -> None:
    """The host that a client would connect to, and whether it is this machine."""
    assert host_of(url) == host
    assert is_loopback(url) is loopback


_NO_URL = "is not a URL such as https://api.example.com"
_NO_HTTP = "must begin with https:// (plain http is accepted for loopback only)"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://api.example.com", ""),
        ("https://api.example.com:8443/prefix", ""),
        ("http://127.0.0.1:8080", ""),
        ("http://[::1]:8080", ""),
        ("http://api.example.com", _NO_HTTP),
        ("http://localhost.example.com", _NO_HTTP),
        ("ftp://api.example.com", "must begin with https://"),
        ("api.example.com", _NO_URL),
        ("https://", _NO_URL),
        ("https://api.example.com:99999", _NO_URL),
        ("https://api example.com", _NO_URL),
        ("https://api.example.com\n", _NO_URL),
        ("https://[::1", _NO_URL),
        ("https://me@api.example.com", "must not contain a user name or a password"),
        ("https://api.example.com?x=1", "must not contain `?`, `#` or a backslash"),
        ("https://api.example.com#", "must not contain `?`, `#` or a backslash"),
        ("https://api.example.com\\x", "must not contain `?`, `#` or a backslash"),
    ],
)
def test_url_problem(url: str, problem: str) -> None:
    """An empty text for a good one."""
    assert url_problem(url) == problem
