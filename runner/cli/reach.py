"""Reaching a host step by step, for the doctor: its name, a connection, its certificate.

The runs' own transport reports that a call failed; here each step is taken alone, so that it has a name.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from runner.address import host_of, is_loopback
from runner.diagnostic import Diagnostic
from runner.errors import Unreachable, WrongInput

_PATIENCE = 5.0
_LOCAL = "is the exchange running? start one with: pmx-run sandbox"
_DISTANT = "check the network of this machine and its firewall"


def proxy_for(url: str) -> str:
    """The proxy that the environment names for ``url``, as ``host:port``; empty if it is reached directly."""
    if is_loopback(url):
        return ""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url)) or ""
    return urlsplit(proxy if "//" in proxy else f"//{proxy}").netloc.rpartition("@")[2]


def resolved(url: str) -> str:
    """The addresses of a host; raises ``Unreachable`` if its name is not known."""
    host = host_of(url)
    try:
        found = socket.getaddrinfo(host, _port(url), type=socket.SOCK_STREAM)
    except OSError as error:
        help = f"is it spelled right? {_DISTANT}"
        raise Unreachable(f"the name {host} can't be resolved: {error.strerror}", sent=False, help=help) from error
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    return f"{host} is {', '.join(addresses)}"


def connected(url: str, ca_bundle: Path | None) -> str:
    """What a connection to the host shows.

    Raises ``Unreachable`` if there is none or its certificate is not trusted, ``WrongInput`` for a ``ca_bundle`` that
    can't be used.
    """
    host, port = host_of(url), _port(url)
    secured = urlsplit(url).scheme == "https"
    context = _context(ca_bundle) if secured else None
    try:
        with socket.create_connection((host, port), timeout=_PATIENCE) as plain:
            shown = _certificate(plain, host, context) if context else "answers (plain http on loopback)"
    except ssl.SSLCertVerificationError as error:
        help = "look at this machine's clock, then for a proxy in the way; an authority of your own goes to ca_bundle"
        title = f"the certificate of {host} is not trusted: {error.verify_message}"
        raise Unreachable(title, sent=False, help=help) from error
    except OSError as error:
        title = f"no connection to {host}:{port}: {_reason(error)}"
        raise Unreachable(title, sent=False, help=_LOCAL if is_loopback(url) else _DISTANT) from error
    return f"{host}:{port} {shown}"


def _certificate(plain: socket.socket, host: str, context: ssl.SSLContext) -> str:
    with context.wrap_socket(plain, server_hostname=host) as secured:
        certificate = secured.getpeercert() or {}
        until = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        return f"{secured.version()}, certificate good until {datetime.fromtimestamp(until, UTC):%Y-%m-%d}"


def _context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Trusting those whom the calls of a run trust."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    trusted = str(ca_bundle or named or DEFAULT_CA_BUNDLE_PATH)
    try:
        if Path(trusted).is_dir():
            return ssl.create_default_context(capath=trusted)
        return ssl.create_default_context(cafile=trusted)
    except OSError as error:
        title = f"the certificates in {trusted} can't be used: {error.strerror or error}"
        raise WrongInput([Diagnostic(title, help="ca_bundle names a PEM file")]) from error


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_PATIENCE:g} s"
    return error.strerror or str(error)
