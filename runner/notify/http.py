"""Messages that go by HTTP: webhooks, Slack, heartbeats."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from runner import __version__
from runner.address import is_loopback
from runner.notify.credentials import Undelivered, address_of, value_of
from runner.notify.message import body_of, text
from runner.notify.sending import Sending

_OF_RUNS = uuid.UUID("6f6a7c0e-0d3b-5b53-9a50-0f3d6a4d2c11")
_LARGEST_PING = 10_000


def send_webhook(sending: Sending) -> None:
    """JSON by POST, signed if there is a secret, as the Standard Webhooks specification 1.0 says."""
    body, timestamp = body_of(sending.data), int(sending.at.timestamp())
    headers = {"Content-Type": "application/json", "webhook-id": sending.id, "webhook-timestamp": str(timestamp)}
    secret = value_of(sending.channel, "secret", sending.environ)
    if secret:
        headers["webhook-signature"] = signature(secret, sending.id, timestamp, body)
    _post(sending, address_of(sending.channel, sending.environ), body, headers)


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of id, time in seconds and body, in base64. A secret without ``whsec_`` is text.

    Raises ``Undelivered`` for a ``whsec_`` that is no base64.
    """
    try:
        encoded = secret.removeprefix("whsec_")
        key = base64.b64decode(encoded, validate=True) if encoded != secret else secret.encode()
    except binascii.Error as error:
        raise Undelivered("the signing secret begins with whsec_ and is no base64 behind it") from error
    made = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(made).decode()}"


def send_slack(sending: Sending) -> None:
    """A text that nobody's markup, mention or preview can get into."""
    escaped = text(sending.data).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quiet: dict[str, Any] = {"parse": "none", "link_names": 0, "mrkdwn": False}
    body = json.dumps({"text": escaped, **quiet, "unfurl_links": False, "unfurl_media": False}).encode()
    _post(sending, address_of(sending.channel, sending.environ), body, {"Content-Type": "application/json"})


def send_heartbeat(sending: Sending) -> None:
    """A ping: the address itself for a good end, ``/fail`` behind it for a bad one, ``/start`` for a beginning.

    ``rid`` tells which start an end belongs to: healthchecks.io/docs/http_api.
    """
    data = sending.data
    url = pinged(address_of(sending.channel, sending.environ), data["ping"], data["run_id"])
    body = text(data).encode()[:_LARGEST_PING] if data["ping"] != "start" else b""
    _post(sending, url, body, {"Content-Type": "text/plain; charset=utf-8"})


def pinged(url: str, ping: str, run_id: str) -> str:
    """The address to ask for ``ping``: ``start``, ``fail``, or nothing."""
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{ping}" if ping else parts.path
    rid = urlencode({"rid": str(uuid.uuid5(_OF_RUNS, run_id))})
    return urlunsplit(parts._replace(path=path, query=f"{parts.query}&{rid}" if parts.query else rid))


def _post(sending: Sending, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """POST once, follow nothing, read no answer; raises ``Undelivered`` unless the status is 2xx."""
    import requests
    from requests.utils import get_environ_proxies

    proxies = {} if is_loopback(url) else get_environ_proxies(url)
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                url,
                data=body,
                headers={"User-Agent": f"pmx-run/{__version__}", "Idempotency-Key": sending.id, **headers},
                timeout=sending.seconds,
                allow_redirects=False,
                stream=True,
                proxies=proxies,
                verify=sending.channel.ca_bundle or True,
            )
        except (requests.RequestException, OSError, UnicodeError) as error:
            from runner.venue.connections import failure

            raise Undelivered(failure(error)) from error
        answer.close()
    if not answer.ok or answer.status_code >= 300:
        raise Undelivered(f"it was answered {answer.status_code}")
