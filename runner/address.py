"""Addresses of the venue: which host, whether it is this machine, and what is wrong with one."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from runner.redact import MASK


def host_of(url: str) -> str:
    """The host of ``url`` in lower case, without port, brackets or a final dot; empty if there is none."""
    parts = _split(url)
    return "" if parts is None else (parts.hostname or "").rstrip(".")


def is_loopback(url: str) -> bool:
    """Whether ``url`` names this machine: 127.0.0.0/8, ::1 or ``localhost``, as written (nothing is looked up)."""
    host = host_of(url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url_problem(url: str, *, query: bool = False) -> str:
    """What keeps ``url`` from being used as an address of the venue, in a few words; empty if nothing does.

    Plain ``http`` is for loopback only. Who we are never stands in an address, and a path is continued by the
    caller, so user information, a query and a fragment are refused; ``query`` allows one.
    """
    parts = _split(url)
    if parts is None or not parts.hostname or any(each.isspace() or not each.isprintable() for each in url):
        return "is not a URL such as https://api.example.com"
    if parts.scheme not in {"http", "https"}:
        return "must begin with https://"
    if parts.username is not None or parts.password is not None:
        return "must not contain a user name or a password"
    if ("?" in url and not query) or "#" in url or "\\" in url:
        return "must not contain `?`, `#` or a backslash"
    if parts.scheme == "http" and not is_loopback(url):
        return "must begin with https:// (plain http is accepted for loopback only)"
    return ""


def shown(url: str) -> str:
    """``url`` as a message may hold it: on one line, and with whatever stands where a password could be masked."""
    return re.sub("://.*@", f"://{MASK}@", url if url.isprintable() else repr(url))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
