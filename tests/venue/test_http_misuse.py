"""A free call: what it could be made to do beyond reading, and that nothing of it is ever sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from runner.action import Context
from runner.actions.http import HTTP
from runner.errors import GuardRefused, PmxError, Unreachable
from runner.value import read_arguments
from runner.venue.desk import Desk

from .server import Exchange, Received, Reply, Server, answer


@dataclass
class Surroundings:
    """As much of a step's context as a free call uses."""

    desk: Desk
    allow_hosts: tuple[str, ...] = ()
    expects_status: bool = False


def call(desk: Desk, allow_hosts: tuple[str, ...] = (), *, expects_status: bool = False, **written: Any) -> Any:
    """Perform the action with arguments as a playbook would have them."""
    context = cast(Context, Surroundings(desk, allow_hosts, expects_status))
    return HTTP.perform(read_arguments(HTTP.arguments, {"method": "GET", **written}), context).result


PATHS = {
    "another host": "//evil.example/v1/health",
    "another host after a scheme": "https://evil.example/v1/health",
    "another host after @": "/@evil.example/../v1/health",
    "user information": "@evil.example/v1/health",
    "upwards": "/v1/../v1/health",
    "upwards at the end": "/v1/orderbook/..",
    "here": "/v1/./health",
    "here at the end": "/v1/orderbook/.",
    "encoded dots": "/v1/orderbook/%2e%2e",
    "encoded dots in capitals": "/v1/orderbook/%2E%2E",
    "half encoded dots": "/v1/orderbook/.%2e",
    "encoded twice": "/v1/orderbook/%252e%252e",
    "encoded twice in capitals": "/v1/orderbook/%252E%252E",
    "encoded slash": "/v1/orderbook/a%2fbbo",
    "encoded slash in capitals": "/v1/orderbook/a%2Fbbo",
    "encoded backslash": "/v1/orderbook/a%5Cb",
    "encoded line break": "/v1/orderbook/a%0d%0aX-Evil:1",
    "encoded null": "/v1/orderbook/a%00",
    "backslash": "/v1\\health",
    "backslashes for slashes": "\\\\evil.example\\v1",
    "two slashes inside": "/v1//health",
    "unicode dots": "/v1/orderbook/․․",
    "unicode two dots": "/v1/orderbook/‥",
    "fullwidth dots": "/v1/orderbook/．．",
    "fullwidth slash": "/v1／health",
    "line break": "/v1/health\r\nX-Evil: 1",
    "space": "/v1/health HTTP/1.1",
    "query": "/v1/health?x=1",
    "fragment": "/v1/health#x",
    "parameters": "/v1/health;x=1",
    "another case": "/V1/health",
    "slash at the end": "/v1/health/",
    "no such path": "/v1/admin",
    "another case of an insert": "/v1/trading/Orders",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paths(method: str, path: str, desk: Desk, exchange: Exchange) -> None:
    """Each is refused, and not even a token was fetched for it."""
    with pytest.raises(GuardRefused):
        call(desk, method=method, path=path)
    assert exchange.server.received == []


HEADERS = {
    "participant": "x-participant-id",
    "participant in capitals": "X-PARTICIPANT-ID",
    "participant, mixed": "x-Participant-iD",
    "participant with underscores": "x_participant_id",
    "participant for the gateway": "Grpc-Metadata-X-Participant-Id",
    "token": "aUTHORIZATION",
    "token for the gateway": "grpc-metadata-authorization",
    "host": "hOST",
    "cookie": "COOKIE",
    "length": "content-LENGTH",
    "framing": "Transfer-Encoding",
    "fewer headers": "Connection",
    "another method": "X-HTTP-Method-Override",
    "another method, too": "x-method-override",
    "another path": "X-Original-URL",
    "space at the end": "x-participant-id ",
    "colon": "x-participant-id:",
    "line break": "X-A: 1\r\nx-participant-id",
    "no name": "",
}


@pytest.mark.parametrize("name", HEADERS.values(), ids=HEADERS)
def test_headers(name: str, desk: Desk, exchange: Exchange) -> None:
    """What is ours can't be set, in no case and by no detour."""
    with pytest.raises(GuardRefused):
        call(desk, path="/v1/whoami", headers={name: "firms/Other/users/x"})
    assert exchange.server.received == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rb", "a\0b", "a\x7f", "é"])
def test_header_values(value: str, desk: Desk, exchange: Exchange) -> None:
    """A value ends where it ends."""
    with pytest.raises(GuardRefused):
        call(desk, path="/v1/health", headers={"X-A": value})
    assert exchange.server.received == []


@pytest.mark.parametrize("query", [{"symbol": "a\r\nX-Evil: 1"}, {"a\nb": "c"}, {"a": ["b", "\0"]}], ids=str)
def test_queries(query: dict[str, Any], desk: Desk, exchange: Exchange) -> None:
    """A query holds no line breaks, quoted or not."""
    with pytest.raises(GuardRefused):
        call(desk, path="/v1/orderbook/a", query=query)
    assert exchange.server.received == []


def test_a_query_stays_a_query(desk: Desk, exchange: Exchange) -> None:
    """Whatever else stands in it is quoted."""
    exchange.routes["GET /v1/health"] = {"status": "ok"}
    call(desk, path="/v1/health", query={"a&b=c": "d#e/../f?g=h HTTP/1.1"})
    assert exchange.server.received[0].target == "/v1/health?a%26b%3Dc=d%23e%2F..%2Ff%3Fg%3Dh%20HTTP%2F1.1"


URLS = {
    "user": "https://me@hooks.example/x",
    "password": "https://hooks.example:x@evil.example/x",
    "another port than allowed": "https://ports.example/x",
    "one more name": "https://hooks.example.evil.example/x",
    "a name before": "https://evil-hooks.example/x",
    "not https": "http://hooks.example/x",
    "backslash": "https://evil.example\\@hooks.example/x",
    "fragment before the host": "https://evil.example#@hooks.example/x",
    "unicode dot": "https://hooks。example/x",
    "unicode name": "https://ｈooks.example.evil/x",
    "line break": "https://hooks.example/x\r\nX-Evil: 1",
    "no host": "https:///x",
    "another scheme": "ftp://hooks.example/x",
    "no scheme": "//hooks.example/x",
    "not allowed at all": "https://evil.example/x",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_urls(url: str, desk: Desk, exchange: Exchange) -> None:
    """A host is allowed as it is written, or not at all."""
    with pytest.raises(GuardRefused):
        call(desk, ("hooks.example", "ports.example:8443"), url=url)
    assert exchange.server.received == []


@pytest.mark.parametrize("written", ["http://{}/v1/health", "HTTP://{}/v1/health", "http://{}./v1/health"])
def test_the_venues_own_host(written: str, desk: Desk, exchange: Exchange) -> None:
    """It is reached by a path alone, however it is spelt and even if somebody allowed it."""
    with pytest.raises(GuardRefused):
        call(desk, ("127.0.0.1",), url=written.format(f"127.0.0.1:{exchange.server.port}"))
    assert exchange.server.received == []


@pytest.mark.parametrize("entry", ["localhost", "LocalHost", "localhost.", "localhost:{port}"])
def test_how_an_allowed_host_may_be_written(
    entry: str, desk: Desk, exchange: Exchange, servers: Callable[..., Server]
) -> None:
    """In any case, with a final dot, with its port; it sees neither token nor participant."""
    exchange.routes["GET /v1/whoami"] = {"user": "u", "firm": "f"}
    call(desk, path="/v1/whoami")
    hooks = servers(lambda _: answer({"fine": True}))
    result = call(desk, (entry.format(port=hooks.port),), url=f"http://localhost:{hooks.port}/x", headers={"X-A": "b"})
    assert result["body"] == {"fine": True}
    assert hooks.received[0].headers["x-a"] == "b"
    assert not {"authorization", "x-participant-id", "cookie"} & hooks.received[0].headers.keys()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/v1/whoami", "/v1/health"])
@pytest.mark.parametrize("expects_status", [False, True])
def test_a_redirect_to_another_host(
    expects_status: bool, path: str, status: int, desk: Desk, exchange: Exchange, servers: Callable[..., Server]
) -> None:
    """It is not followed: the token stays where it is."""
    elsewhere = servers()

    def redirect(_: Received) -> Reply:
        return answer({}, status, Location=f"{elsewhere.url}{path}")

    exchange.routes[f"GET {path}"] = redirect
    try:
        assert call(desk, path=path, expects_status=expects_status)["status"] == status
    except PmxError as error:
        assert isinstance(error, Unreachable)  # noqa: PT017 - either is right
    assert elsewhere.received == []


@pytest.mark.parametrize("path", ["/v1/trading/orders", "/v1/trading/orders/replace", "/v1/kyc/start"])
def test_what_changes_something(path: str, desk: Desk, exchange: Exchange) -> None:
    """It has actions of its own, with limits and records."""
    with pytest.raises(GuardRefused):
        call(desk, method="POST", path=path, body={})
    assert exchange.server.received == []
