"""Signing in: the assertion's claims, one token for all, its renewal, and what each refusal says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from runner.clock import Clock, SystemClock
from runner.errors import ComeBackLater, NotSignedIn, Unreachable
from runner.redact import Redactor, Secret
from runner.venue.auth import Credentials, KeyFile, TokenSource, assertion, load_key
from runner.venue.call import Answer, Request

from .server import MovableClock, opaque_jwt

URL = "https://auth.example.com/oauth/token"


@pytest.fixture
def credentials(key_path: Path) -> Credentials:
    return Credentials("client-1", KeyFile(key_path), URL, "https://api.example.com")


class Issuer:
    """Hands out tokens ``t1``, ``t2``, ... and keeps the requests."""

    def __init__(self, expires_in: object = 180, pause: float = 0) -> None:
        self.expires_in = expires_in
        self.pause = pause
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        time.sleep(self.pause)
        return Answer(200, {}, {"access_token": f"t{len(self.asked)}", "expires_in": self.expires_in})


def source(credentials: Credentials, clock: Clock | None = None, redactor: Redactor | None = None) -> TokenSource:
    return TokenSource(credentials, clock or MovableClock(), redactor or Redactor())


def test_the_assertion(credentials: Credentials) -> None:
    """RS256, six claims, the token URL as audience, at most 300 seconds of life, a new id each time."""
    key = load_key(credentials.key)
    now = int(time.time())
    signed = [assertion(credentials, key, now).reveal() for _ in range(2)]
    read = [jwt.decode(each, key.public_key(), algorithms=["RS256"], audience=URL) for each in signed]
    assert jwt.get_unverified_header(signed[0]) == {"alg": "RS256", "typ": "JWT"}
    assert set(read[0]) == {"iss", "sub", "aud", "iat", "exp", "jti"}
    assert (read[0]["iss"], read[0]["sub"], read[0]["aud"]) == ("client-1", "client-1", URL)
    assert (read[0]["iat"], read[0]["exp"]) == (now, now + 120)
    assert read[0]["jti"] != read[1]["jti"]


def test_the_token_request(credentials: Credentials) -> None:
    """JSON with the five documented fields; the assertion in it is a secret."""
    issuer = Issuer()
    source(credentials).token(issuer, 1)
    request = issuer.asked[0]
    assert isinstance(request.body, dict)
    signed = request.body.pop("client_assertion")
    assert isinstance(signed, Secret)
    assert (request.method, request.url, request.effect) == ("POST", URL, "changes")
    assert request.body == {
        "client_id": "client-1",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "audience": "https://api.example.com",
        "grant_type": "client_credentials",
    }


@pytest.mark.parametrize(
    ("life", "good_until"), [(180, 150), (86400, 86370), (90, 60), (60, 40), (3, 2), ("180", 150)], ids=str
)
def test_renewal_before_the_end(life: object, good_until: float, credentials: Credentials) -> None:
    """30 seconds before the end that the venue states, or a third of the life where that is less."""
    clock, issuer = MovableClock(), Issuer(life)
    tokens = source(credentials, clock)
    seen = []
    for moment in (0, good_until - 0.01, good_until, good_until + 0.01):
        clock.moved = moment
        seen.append(tokens.token(issuer, 1)[0].reveal())
    assert seen == ["t1", "t1", "t2", "t2"]
    sent = [each.body for each in issuer.asked]
    assert isinstance(sent[0], dict)
    assert isinstance(sent[1], dict)
    assert sent[0]["client_assertion"] != sent[1]["client_assertion"]


def test_a_refused_token_is_replaced_once(credentials: Credentials) -> None:
    """The refusal of an older token leaves the present one alone."""
    issuer = Issuer()
    tokens = source(credentials)
    first, _ = tokens.token(issuer, 1)
    tokens.refuse(first)
    second, _ = tokens.token(issuer, 1)
    tokens.refuse(first)
    third, _ = tokens.token(issuer, 1)
    assert [each.reveal() for each in (first, second, third)] == ["t1", "t2", "t2"]


def test_an_older_refusal_does_not_make_a_refused_token_good(credentials: Credentials) -> None:
    """Two threads are refused at once, one of them for the token before: the present one stays refused."""
    issuer = Issuer()
    tokens = source(credentials)
    first, _ = tokens.token(issuer, 1)
    tokens.refuse(first)
    second, _ = tokens.token(issuer, 1)
    tokens.refuse(second)
    tokens.refuse(first)
    assert tokens.token(issuer, 1)[0].reveal() == "t3"


def test_short_lives_over_a_long_run(credentials: Credentials) -> None:
    """Tokens of 3 seconds over 30 s: none is used beyond its life, and none is fetched where one would do."""
    clock, issuer = MovableClock(), Issuer(3)
    tokens = source(credentials, clock)
    fetched_at: dict[str, float] = {}
    for tick in range(301):
        clock.moved = tick / 10
        token = tokens.token(issuer, 1)[0].reveal()
        assert clock.moved - fetched_at.setdefault(token, clock.moved) < 2
    assert len(issuer.asked) == 16


@pytest.mark.parametrize("refusals", [0, 3])
def test_threads_that_are_refused_together(refusals: int, credentials: Credentials) -> None:
    """Eight threads in step, each of which has its token refused: one fetch a round, and nobody gets the old one."""
    issuer = Issuer()
    tokens = source(credentials, SystemClock())
    together = threading.Barrier(8)
    seen: list[list[str]] = [[] for _ in range(8)]

    def work(number: int) -> None:
        for _ in range(refusals + 1):
            together.wait(10)
            token, _ = tokens.token(issuer, 5)
            seen[number].append(token.reveal())
            together.wait(10)
            tokens.refuse(token)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [[f"t{number + 1}" for number in range(refusals + 1)]] * 8
    assert len(issuer.asked) == refusals + 1


def test_threads_share_one_token(credentials: Credentials) -> None:
    """Ten at once: one request."""
    issuer = Issuer(pause=0.05)
    tokens = source(credentials, SystemClock())
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.token(issuer, 5)[0].reveal())) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["t1"] * 10


def test_nobody_waits_beyond_their_time(credentials: Credentials) -> None:
    """Another thread's slow sign-in does not use up more than what is left."""
    tokens = source(credentials, SystemClock())
    slow = threading.Thread(target=tokens.token, args=(Issuer(pause=0.4), 5))
    slow.start()
    time.sleep(0.15)  # the slow one has the turn by now
    with pytest.raises(Unreachable) as caught:
        tokens.token(Issuer(), 0.01)
    slow.join()
    assert not caught.value.sent


def test_secrets_are_told(credentials: Credentials) -> None:
    """Token and assertion are known to the redactor as soon as they exist."""
    redactor = Redactor()
    issuer = Issuer()
    issuer.asked = []
    tokens = source(credentials, redactor=redactor)
    token, _ = tokens.token(lambda request: Answer(200, {}, {"access_token": "opaque-token", "expires_in": 9}), 1)
    assert redactor.text("x opaque-token y") == "x **** y"
    assert str(token) == "****"


@pytest.mark.parametrize(
    ("token", "scopes", "subject"),
    [
        (opaque_jwt(scope="a b", sub="me"), ("a", "b"), "me"),
        (opaque_jwt(), (), ""),
        ("opaque", (), ""),
        ("a.b.c", (), ""),
        ("a.W10.c", (), ""),
    ],
    ids=["jwt", "no claims", "opaque", "not base64", "not an object"],
)
def test_what_a_token_says(token: str, scopes: tuple[str, ...], subject: str, credentials: Credentials) -> None:
    """Claims are shown where there are any; an opaque token is as good."""
    reply = Answer(200, {}, {"access_token": token, "expires_in": 180})
    _, info = source(credentials).token(lambda _: reply, 1)
    assert (info.expires_in, info.scopes, info.subject) == (180, scopes, subject)


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason", "help"),
    [
        (401, {"error": "invalid_client", "error_description": "no"}, NotSignedIn, "invalid_client: no", "registered"),
        (401, {"error": "invalid_client_assertion"}, NotSignedIn, "invalid_client_assertion", "clock"),
        (403, {"error": "access_denied", "error_description": "x\ny"}, NotSignedIn, "access_denied: x y", "AUDIENCE"),
        (403, {"error": "unauthorized_client"}, NotSignedIn, "unauthorized_client", "grant"),
        (400, {"error": "invalid_request"}, NotSignedIn, "invalid_request", "auth URL"),
        (400, {"error": "new_word"}, NotSignedIn, "new_word", "all four belong to one environment"),
        (404, "<html>Not here</html>", NotSignedIn, "Not here", "all four belong to one environment"),
        (429, {"error": "too_many"}, ComeBackLater, "", ""),
        (503, "down", Unreachable, "", ""),
        (302, None, Unreachable, "", "redirect"),
    ],
)
def test_refusals(
    status: int, body: object, kind: type[NotSignedIn] | type[Unreachable], reason: str, help: str, key_path: Path
) -> None:
    """Each OAuth word has its own advice."""
    tokens = source(Credentials("c", KeyFile(key_path), URL, "https://api.example.com"))
    reply = Answer(status, {"retry-after": "7"}, body)
    with pytest.raises(kind) as caught:
        tokens.token(lambda _: reply, 1)
    error = caught.value
    assert isinstance(error, NotSignedIn | Unreachable)
    assert error.status == status
    assert reason in str(error)
    assert help in error.help
    if isinstance(error, ComeBackLater):
        assert error.retry_after == 7


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "`access_token` is missing"),
        ({"access_token": "", "expires_in": 1}, "`access_token` is empty"),
        ({"access_token": 5, "expires_in": 1}, "`access_token` is a number where a text is due"),
        ({"access_token": "a"}, "`expires_in` is missing"),
        ({"access_token": "a", "expires_in": 0}, "over before it begins"),
        ({"access_token": "a", "expires_in": "soon"}, "`expires_in` is a text where an integer is due"),
        ([], "`the body` is a list where an object is due"),
        (None, "`the body` is null where an object is due"),
    ],
    ids=str,
)
def test_answers_without_a_token(body: object, words: str, credentials: Credentials) -> None:
    """What promises a token and holds none is no answer."""
    with pytest.raises(Unreachable) as caught:
        source(credentials).token(lambda _: Answer(200, {}, body), 1)
    assert words in caught.value.message


def test_a_failed_sign_in_leaves_the_turn(credentials: Credentials) -> None:
    """After a failure the next call may try."""
    tokens = source(credentials)
    fail: Callable[[Request], Answer] = lambda _: Answer(503, {}, None)  # noqa: E731
    with pytest.raises(Unreachable):
        tokens.token(fail, 1)
    assert tokens.token(Issuer(), 1)[0].reveal() == "t1"
