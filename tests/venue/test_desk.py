"""A desk: who a call speaks for, what becomes of a refused token, and where a token never goes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from runner.clock import Deadline
from runner.errors import ComeBackLater, GuardRefused, NotSignedIn, Refused, Unreachable
from runner.redact import Redactor, Secret
from runner.venue import endpoints
from runner.venue.asks import Ask, FreeAsk
from runner.venue.call import Call
from runner.venue.desk import Desk, Venue
from runner.venue.operations import OPERATIONS

from .server import PARTICIPANT, Exchange, Received, Reply, Server, answer

WHOAMI = {"user": "firms/A/users/u", "firm": "firms/A"}
ORDER = {"symbol": "s", "side": "SIDE_BUY", "type": "ORDER_TYPE_LIMIT", "price": 57, "orderQty": 1}


def unauthorized_until(number: int, exchange: Exchange, good: object) -> Callable[[Received], Reply]:
    """401 for the tokens before the ``number``-th."""

    def reply(request: Received) -> Reply:
        fresh = request.headers["authorization"] == f"Bearer {exchange.token(number)}"
        return answer(good) if fresh else answer({"code": 16, "message": "token expired", "details": []}, 401)

    return reply


def test_calls_share_one_token(desk: Desk, exchange: Exchange) -> None:
    """A token is fetched when first needed, and serves the calls after."""
    exchange.routes["GET /v1/whoami"] = WHOAMI
    for _ in range(3):
        endpoints.whoami(desk)
    assert exchange.tokens == 1
    assert {each.headers["authorization"] for each in exchange.asked("/v1/whoami")} == {f"Bearer {exchange.token(1)}"}


def test_health_needs_no_token(desk: Desk, exchange: Exchange) -> None:
    """What the venue answers to anybody is asked without signing in."""
    exchange.routes["GET /v1/health"] = {"status": "ok"}
    assert endpoints.health(desk).value == "ok"
    assert exchange.tokens == 0
    assert "authorization" not in exchange.server.received[0].headers


def test_authenticate_tells_what_the_token_allows(desk: Desk) -> None:
    """Scopes and subject are read from the token's claims."""
    info = desk.authenticate()
    assert (info.expires_in, info.scopes, info.subject) == (180, ("read:accounts", "write:orders"), "client-1")


def test_401_gets_a_new_token_and_one_repeat(desk: Desk, exchange: Exchange, calls: list[Call]) -> None:
    """A refused token is replaced; an order too is sent again then, since nothing was carried out."""
    exchange.routes["POST /v1/trading/orders"] = unauthorized_until(2, exchange, {"orderId": "ABC"})
    assert endpoints.insert_order(desk, ORDER).value == "ABC"
    assert exchange.tokens == 2
    assert [each.status for each in calls] == [200, 401, 200, 200]


def test_leave_is_asked_for_a_repeat_too(venue: Venue, exchange: Exchange) -> None:
    """The repeat after a 401 is one more call, with limits and turns of its own; the token's call asks for none."""
    exchange.routes["GET /v1/whoami"] = unauthorized_until(2, exchange, WHOAMI)
    asked: list[str] = []
    deadline = Deadline(venue.clock, 5)
    desk = venue.desk(PARTICIPANT, "", deadline, lambda _: None, lambda each: asked.append(each.name if each else ""))
    endpoints.whoami(desk)
    assert asked == ["whoami", "whoami"]


def test_401_twice_is_not_signed_in(desk: Desk, exchange: Exchange) -> None:
    """A fresh token that is refused as well ends it: one repeat, not more."""
    exchange.routes["GET /v1/whoami"] = unauthorized_until(99, exchange, WHOAMI)
    with pytest.raises(NotSignedIn) as caught:
        endpoints.whoami(desk)
    assert (caught.value.status, caught.value.code, caught.value.reason) == (401, 16, "token expired")
    assert len(exchange.asked("/v1/whoami")) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    status: int, desk: Desk, exchange: Exchange, servers: Callable[..., Server]
) -> None:
    """An order answered with a redirect is an unknown result, and neither it nor the token goes anywhere else."""
    elsewhere = servers()
    exchange.routes["POST /v1/trading/orders"] = answer({}, status, Location=f"{elsewhere.url}/v1/trading/orders")
    with pytest.raises(Unreachable) as caught:
        endpoints.insert_order(desk, ORDER)
    assert (caught.value.sent, caught.value.status) == (True, status)
    assert elsewhere.received == []
    assert len(exchange.asked("/v1/trading/orders")) == 1


@pytest.mark.parametrize(
    ("operation", "body", "reply", "sent"),
    [
        ("whoami", None, WHOAMI, True),
        ("balances", {"name": "a"}, {"balances": {}}, True),
        ("instruments", {}, {"instruments": []}, False),
        ("health", None, {"status": "ok"}, False),
    ],
    ids=["whoami", "balances", "instruments", "health"],
)
def test_participant_header(
    operation: str, body: object, reply: object, sent: bool, desk: Desk, exchange: Exchange
) -> None:
    """The participant goes, unchanged, with what is scoped to accounts and with nothing else."""
    wanted = OPERATIONS[operation]
    exchange.routes[f"{wanted.method} {wanted.path}"] = reply
    desk.send(Ask(wanted, body=body))
    header = exchange.asked(wanted.path)[0].headers.get("x-participant-id")
    assert header == (PARTICIPANT if sent else None)


def test_without_a_participant_no_header(venue: Venue, exchange: Exchange) -> None:
    """An empty participant sends no header at all."""
    exchange.routes["GET /v1/users"] = {"users": []}
    endpoints.users(venue.desk("", "", Deadline(venue.clock, 5), lambda _: None))
    assert "x-participant-id" not in exchange.asked("/v1/users")[0].headers


def test_a_participant_with_a_line_break_is_refused(venue: Venue) -> None:
    """No header can be smuggled in."""
    with pytest.raises(GuardRefused):
        venue.desk("x\r\nAuthorization: y", "", Deadline(venue.clock, 5), lambda _: None)


def test_no_call_holds_a_secret(desk: Desk, exchange: Exchange, calls: list[Call], redactor: Redactor) -> None:
    """Token, assertion and secret values are in no record, also where the venue repeats them."""
    echo: Callable[[Received], Reply] = lambda request: answer(  # noqa: E731
        {"code": 3, "message": f"bad {request.headers['authorization']}", "details": [request.json]}, 400
    )
    preview = "/v1/trading/orders/preview"
    exchange.routes[f"POST {preview}"] = echo
    with pytest.raises(Refused) as caught:
        desk.raw(
            FreeAsk("POST", preview, body={"key": Secret("hush-hush-hush")}, headers={"x-key": Secret("quiet-quiet")})
        )
    redactor.learn(Secret("hush-hush-hush"))
    told = repr([(each.url, each.request, each.headers, each.error) for each in calls]) + str(caught.value)
    told += repr(calls[0].response) + repr(redactor.value(calls[1].response))
    assertion = exchange.asked("/oauth/token")[0].json["client_assertion"]
    assert exchange.asked(preview)[0].json == {"key": "hush-hush-hush"}
    assert exchange.asked(preview)[0].headers["x-key"] == "quiet-quiet"
    for secret in (exchange.token(1), assertion, "hush-hush-hush", "quiet-quiet"):
        assert secret not in told


def test_each_attempt_is_heard(desk: Desk, exchange: Exchange, calls: list[Call]) -> None:
    """A call's record shows request and answer as plain data, and how long it took."""
    exchange.routes["POST /v1/positions/balance"] = {"balance": "1", "buyingPower": "1"}
    endpoints.balance(desk, "a")
    call = calls[-1]
    assert (call.method, call.status, call.error) == ("POST", 200, None)
    assert call.url == f"{exchange.server.url}/v1/positions/balance"
    assert call.request == {"headers": {"x-participant-id": PARTICIPANT}, "body": {"name": "a", "currency": "USD"}}
    assert call.response == {"balance": "1", "buyingPower": "1"}
    assert call.duration_ms >= 0
    assert call.headers["content-type"] == "application/json"


def test_a_passed_deadline_sends_nothing(venue: Venue, exchange: Exchange) -> None:
    """With no time left there is no call."""
    with pytest.raises(Unreachable) as caught:
        endpoints.health(venue.desk("", "", Deadline(venue.clock, 0), lambda _: None))
    assert not caught.value.sent
    assert exchange.server.received == []


def test_raw_gives_any_status_when_asked(desk: Desk, exchange: Exchange) -> None:
    """`http` may look at a refusal itself."""
    exchange.routes["GET /v1/positions"] = answer({"code": 5}, 404)
    got = desk.raw(
        FreeAsk("get", "/v1/positions", query={"a": ["1", "2"], "b": True, "c": None}), expect_any_status=True
    )
    assert (got.status, got.body) == (404, {"code": 5})
    assert exchange.asked("/v1/positions")[0].target == "/v1/positions?a=1&a=2&b=true"
    with pytest.raises(Refused):
        desk.raw(FreeAsk("GET", "/v1/positions"))


def test_raw_takes_a_text(desk: Desk, exchange: Exchange) -> None:
    """What is not declared as JSON comes as text."""
    exchange.routes["GET /v1/positions"] = answer(b"a,b\n1,2\n", Content_Type="text/csv")
    assert desk.raw(FreeAsk("GET", "/v1/positions")).body == "a,b\n1,2\n"


def test_another_host_sees_neither_token_nor_participant(
    desk: Desk, exchange: Exchange, servers: Callable[..., Server]
) -> None:
    """Same machine, other port: another origin."""
    other = servers()
    assert desk.raw(FreeAsk("GET", f"{other.url}/v1/whoami")).body == {}
    assert {"authorization", "x-participant-id"}.isdisjoint(other.received[0].headers)
    assert exchange.tokens == 0


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("POST", "/v1/trading/orders", "changes something"),
        ("post", "/v1/trading/orders/replace", "changes something"),
        ("GET", "/v1/rfqs", "is not an operation that is known"),
        ("DELETE", "/v1/positions", "is not an operation that is known"),
        ("POST", "/v1/trading/orders/", "is not an operation that is known"),
    ],
)
def test_a_free_call_changes_nothing(method: str, path: str, words: str, desk: Desk, exchange: Exchange) -> None:
    """An order can't pass by what records and limits it, neither by a path nor by a whole address."""
    for target in (path, exchange.server.url + path):
        with pytest.raises(GuardRefused, match=words):
            desk.raw(FreeAsk(method, target))
    assert exchange.server.received == []


@pytest.mark.parametrize(
    "path",
    ["//evil/x", "/../x", "/v1/%2e%2e/x", "/v1/%2Fx", "/v1\\x", "v1/x", "/v1/x?y=1", "/v1/ x", "/v1/é", "@evil/x"],
)
def test_a_path_stays_in_its_place(path: str, desk: Desk, exchange: Exchange) -> None:
    """Whatever could lead elsewhere is refused before anything is sent."""
    with pytest.raises(GuardRefused):
        desk.raw(FreeAsk("GET", path))
    with pytest.raises(GuardRefused):
        desk.raw(FreeAsk("GET", exchange.server.url + path))
    assert exchange.server.received == []


@pytest.mark.parametrize("url", ["http://example.com/x", "ftp://127.0.0.1/x", "https://u:p@127.0.0.1/x", "http://[x/"])
def test_addresses_that_are_never_called(url: str, desk: Desk) -> None:
    """Plain http is for loopback, and who we are never stands in an address."""
    with pytest.raises(GuardRefused):
        desk.raw(FreeAsk("GET", url))


@pytest.mark.parametrize("name", ["Authorization", "HOST", "cookie", "Content-Length", "X-Participant-Id", "a b"])
def test_headers_that_are_ours(name: str, desk: Desk, exchange: Exchange) -> None:
    """A playbook can't replace who it speaks for."""
    with pytest.raises(GuardRefused):
        desk.raw(FreeAsk("GET", "/v1/positions", headers={name: "z"}))
    assert exchange.server.received == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "help"),
    [
        (400, {"code": 11, "message": "Maximum requested records is 5000"}, Refused, "page size"),
        (403, {"code": 7, "message": "permission denied: missing required scope read:orders"}, Refused, "read:orders"),
        (403, {"code": 7, "message": "permission denied"}, Refused, "participant"),
        (404, {"code": 5, "message": "instrument does not exist"}, Refused, "symbol"),
        (409, {"code": 6, "message": "already"}, Refused, "read it back"),
        (464, b"<html>no</html>", Refused, "host"),
        (418, {"code": "x"}, Refused, ""),
        (500, {"code": 13, "message": "boom"}, Unreachable, "status page"),
        (503, b"<html>", Unreachable, "status page"),
        (429, {"code": 8, "message": "rate limit exceeded"}, ComeBackLater, ""),
        (204, b"", None, ""),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_what_a_status_means(
    status: int, body: object, kind: type[Exception] | None, help: str, desk: Desk, exchange: Exchange
) -> None:
    """Each status is told apart, with the venue's words and what to do."""
    exchange.routes["POST /v1/trading/orders/cancel"] = answer(body, status)
    if kind is None:
        endpoints.cancel_order(desk, "a", "s")
        return
    with pytest.raises(kind) as caught:
        endpoints.cancel_order(desk, "a", "s")
    error = caught.value
    assert type(error) is kind
    assert isinstance(error, Refused | Unreachable)
    assert error.status == status
    assert help in error.help
    assert str(status) in error.message


def test_the_venues_words_are_tamed(desk: Desk, exchange: Exchange) -> None:
    """One line, no control characters, at most 500 characters."""
    exchange.routes["GET /v1/users"] = answer({"code": 3, "message": "a\n::error::\x1b[31m" + "x" * 900}, 400)
    with pytest.raises(Refused) as caught:
        endpoints.users(desk)
    assert caught.value.reason.startswith("a ::error:: [31mxxx")
    assert len(caught.value.reason) == 500


def test_the_body_is_sent_exactly(desk: Desk, exchange: Exchange) -> None:
    """Requests go out in the published spelling, with no more than what was given."""
    exchange.routes["POST /v1/trading/orders/cancel"] = {}
    endpoints.cancel_order(desk, "ABC", "s", clord_id="mine")
    asked = exchange.asked("/v1/trading/orders/cancel")[0]
    assert asked.json == {"orderId": "ABC", "symbol": "s", "clordId": "mine"}
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == asked.json
