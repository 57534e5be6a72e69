"""Each way to tell somebody: what arrives, and what is said when it does not."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notify.server import Endpoint, MailServer, closed_port, endpoint, mail_server
from runner.notify.command import run_command
from runner.notify.credentials import Undelivered, secrets_of
from runner.notify.delivering import WAYS
from runner.notify.http import pinged, signature
from runner.notify.sending import Sending
from runner.settings.channels import Channel, channel_of

NOW = datetime(2026, 11, 22, 14, 0, 0, tzinfo=UTC)
DATA: Mapping[str, Any] = {
    "event": "in_doubt",
    "outcome": "in_doubt",
    "exit_code": 4,
    "playbook": "first-order",
    "environment": "preprod",
    "host": "api.example.test",
    "participant": "firms/F/users/U",
    "account": "",
    "run_id": "r1",
    "started_at": "2026-11-22T13:59:00+00:00",
    "ended_at": "2026-11-22T14:00:00+00:00",
    "duration_ms": 60_000,
    "error": None,
    "failed_steps": [
        {"step": "order", "title": "T", "status": "in_doubt", "message": "<!channel> lost", "help": "look"}
    ],
    "more_failed_steps": 0,
    "in_doubt": ["order of unknown id (client order id c1), sym"],
    "command": "pmx-run resume r1",
    "ping": "fail",
}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def listener() -> Iterator[Endpoint]:
    with endpoint() as told:
        yield told


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as told:
        yield told


def send(channel: Channel, *, seconds: float = 10, **environ: str) -> None:
    WAYS[channel.kind](Sending(channel, "msg_1", DATA, NOW, seconds, environ))


def test_the_signature_of_the_specification() -> None:
    """The example of the Standard Webhooks libraries."""
    id, at, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    assert signature(SECRET, id, at, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_a_text_signs_with_its_bytes() -> None:
    """One of a receiver that knows no `whsec_`."""
    import base64

    wanted = hmac.new(b"plain secret", b"i.1.{}", hashlib.sha256).digest()
    assert signature("plain secret", "i", 1, b"{}") == "v1," + base64.b64encode(wanted).decode()


def test_a_secret_that_is_none_is_said() -> None:
    """And not shown."""
    with pytest.raises(Undelivered, match=r"^the signing secret begins with whsec_ and is no base64 behind it$"):
        signature("whsec_?", "i", 1, b"")


def test_a_webhook_gets_signed_json(listener: Endpoint) -> None:
    """Its id, its time and its body can be verified by the receiver."""
    send(Channel("webhook", url_env="HOOK", secret_env="KEY"), HOOK=f"{listener.url}/x?y=z", KEY=SECRET)
    (got,) = listener.got
    assert got.path == "/x?y=z"
    assert json.loads(got.body) == {"type": "run.in_doubt", "timestamp": DATA["ended_at"], "data": dict(DATA)}
    assert got.headers["webhook-id"] == got.headers["idempotency-key"] == "msg_1"
    assert got.headers["webhook-timestamp"] == "1795356000"
    assert got.headers["webhook-signature"] == signature(SECRET, "msg_1", 1795356000, got.body)
    assert got.headers["content-type"] == "application/json"


def test_a_webhook_without_a_secret_is_not_signed(listener: Endpoint) -> None:
    """A receiver that wants a signature refuses it."""
    send(Channel("webhook", url=listener.url))
    assert "webhook-signature" not in listener.got[0].headers


def test_slack_gets_a_text_that_means_nothing_to_it(listener: Endpoint) -> None:
    """No mention, no markup, no preview."""
    send(Channel("slack", url_env="HOOK"), HOOK=listener.url)
    body = json.loads(listener.got[0].body)
    assert body["text"] == (
        "first-order on preprod: in doubt: a person must look\n"
        "run r1 on preprod (api.example.test) as firms/F/users/U: exit 4, 1 min 0 s\n"
        "step order in doubt: &lt;!channel&gt; lost\n"
        "    help: look\n"
        "in doubt: order of unknown id (client order id c1), sym\n"
        "to settle it: pmx-run resume r1"
    )
    assert (body["parse"], body["mrkdwn"], body["unfurl_links"]) == ("none", False, False)


@pytest.mark.parametrize(
    ("url", "ping", "path"),
    [
        ("https://hc.test/abc", "start", "https://hc.test/abc/start?rid="),
        ("https://hc.test/abc", "", "https://hc.test/abc?rid="),
        ("https://hc.test/abc/", "fail", "https://hc.test/abc/fail?rid="),
        ("https://hc.test/abc?create=1", "fail", "https://hc.test/abc/fail?create=1&rid="),
    ],
)
def test_a_heartbeat_has_a_path_for_each_end(url: str, ping: str, path: str) -> None:
    """And the same `rid`, a UUID, for all pings of a run."""
    made = pinged(url, ping, "r1")
    assert made.startswith(path)
    assert uuid.UUID(made.removeprefix(path)) == uuid.UUID(pinged("https://x.test", "", "r1").rpartition("=")[2])
    assert made != pinged(url, ping, "r2")


def test_a_heartbeat_tells_why(listener: Endpoint) -> None:
    """In its body, for whoever looks at the log of pings."""
    send(Channel("heartbeat", url_env="HOOK"), HOOK=f"{listener.url}/abc")
    assert listener.got[0].path.startswith("/abc/fail?rid=")
    assert listener.got[0].body.startswith(b"first-order on preprod: in doubt")


@pytest.mark.parametrize("status", [301, 400, 410, 500, 503])
def test_an_answer_that_is_no_yes_is_said(status: int, listener: Endpoint) -> None:
    """Nor is a redirect followed."""
    listener.status = status
    with pytest.raises(Undelivered, match=f"^it was answered {status}$"):
        send(Channel("webhook", url=listener.url))
    assert len(listener.got) == 1


def test_an_endpoint_that_is_gone_is_said() -> None:
    """Without its address, which may be a secret."""
    with pytest.raises(Undelivered) as caught:
        send(Channel("slack", url_env="HOOK"), HOOK=f"http://127.0.0.1:{closed_port()}/services/T0/B0/xyz")
    assert caught.value.message == "Connection refused"


@pytest.mark.parametrize(
    ("channel", "environ", "why"),
    [
        (Channel("slack", url_env="HOOK"), {}, "the environment variable HOOK is not set"),
        (
            Channel("slack", url_env="HOOK"),
            {"HOOK": "http://example.com/x"},
            "the address from HOOK must begin with https",
        ),
        (Channel("slack", url_env="HOOK"), {"HOOK": "https://u:p@example.com"}, "must not contain a user name"),
        (Channel("slack", url_file="no/such"), {}, "no/such can't be read"),
        (Channel("command", argv=("./no-such-program",)), {}, "./no-such-program can't be started"),
    ],
    ids=["no variable", "plain http", "user", "no file", "no program"],
)
def test_what_is_missing_is_named(channel: Channel, environ: dict[str, str], why: str) -> None:
    """So that somebody can put it right before it is given up."""
    with pytest.raises(Undelivered) as caught:
        WAYS[channel.kind](Sending(channel, "msg_1", DATA, NOW, 10, environ))
    assert why in caught.value.message


def test_a_mail(mails: MailServer) -> None:
    """Signed in, one mail for all, with an id that stays the same."""
    channel = Channel("email", host="127.0.0.1", port=mails.port, tls="none", sender="pmx@example.com",
                      to=("a@example.com", "b@example.com"), user="me", password_env="PASS")  # fmt: skip
    send(channel, PASS="open sesame")
    (mail,) = mails.mails
    assert "Subject: [pmx-run] first-order on preprod: in doubt: a person must look\r\n" in mail
    assert "To: a@example.com, b@example.com\r\n" in mail
    assert "Message-ID: <msg_1@pmx-run.invalid>\r\n" in mail
    assert "Date: Sun, 22 Nov 2026 14:00:00 +0000\r\n" in mail
    assert "\r\nto settle it: pmx-run resume r1\r\n" in mail
    assert [each for each in mails.commands if each.upper().startswith(("MAIL", "RCPT"))] == [
        *("mail FROM:<pmx@example.com>", "rcpt TO:<a@example.com>", "rcpt TO:<b@example.com>"),
    ]
    assert any(each.startswith("AUTH PLAIN") for each in mails.commands)


def mail_to(port: int, tls: str = "none") -> Channel:
    return Channel("email", host="127.0.0.1", port=port, tls=tls, sender="p@example.com", to=("a@example.com",))


def test_a_mail_that_nobody_takes(mails: MailServer) -> None:
    """Refused, unencrypted though it must not be, or nobody there."""
    with pytest.raises(Undelivered, match="SMTPNotSupportedError"):
        send(mail_to(mails.port, tls="starttls"))
    mails.refusing = True
    with pytest.raises(Undelivered, match="SMTPRecipientsRefused"):
        send(mail_to(mails.port))
    with pytest.raises(Undelivered, match="Connection refused"):
        send(mail_to(closed_port()))
    assert mails.mails == []


KEEP = "import json, os, sys; json.dump([json.load(sys.stdin), dict(os.environ), sys.argv[1:]], open('kept', 'w'))"


def test_a_command_gets_json_and_nothing_of_ours(tmp_path: Path) -> None:
    """No shell, its own folder, no `PMX_*` in its environment."""
    argv = (sys.executable, "-c", KEEP, "$HOME; `x`")
    send(Channel("command", argv=argv, folder=str(tmp_path)), PMX_PRIVATE_KEY="k", PMX_X="x", HOME="/h")
    message, environ, arguments = json.loads((tmp_path / "kept").read_text())
    assert message == {"id": "msg_1", "type": "run.in_doubt", "timestamp": DATA["ended_at"], "data": dict(DATA)}
    assert not [name for name in environ if name.startswith("PMX_")]
    assert (environ["HOME"], arguments) == ("/h", ["$HOME; `x`"])


def test_a_command_that_fails_is_said() -> None:
    """By its name and its end."""
    with pytest.raises(Undelivered, match=r"ended with 3$"):
        send(Channel("command", argv=(sys.executable, "-c", "raise SystemExit(3)")))


def runs(stat: Path) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """With all that it has started."""
    argv = ("sh", "-c", "sleep 60 & echo $! >child; wait")
    with pytest.raises(Undelivered, match="took longer than 1 s"):
        run_command(Sending(Channel("command", argv=argv, folder=str(tmp_path)), "i", DATA, NOW, 1, {"PATH": "/bin"}))
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    until = time.monotonic() + 20
    while runs(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not runs(child)


def test_what_no_output_may_show(tmp_path: Path) -> None:
    """What comes from variables and files, an address also without its host; never what stands in the settings."""
    (tmp_path / "pass").write_text("open sesame\n")
    channels = [
        Channel("slack", url_env="HOOK"),
        Channel("webhook", url="https://example.com/known", secret_env="KEY"),
        Channel("email", user="known", password_file="pass", folder=str(tmp_path)),
        Channel("heartbeat", url_env="NOT_SET"),
    ]
    found = [
        each.reveal() for each in secrets_of(channels, {"HOOK": "https://hooks.test/services/T/B?k=v", "KEY": "s"})
    ]
    assert found == ["https://hooks.test/services/T/B?k=v", "services/T/B", "k=v", "s", "open sesame"]


def test_a_channel_is_kept_without_its_secrets() -> None:
    """And comes back as it was."""
    channel = Channel(
        "email", ("failure",), host="h", port=25, sender="a@b", to=("c@d",), password_env="P", folder="/f"
    )
    assert channel_of(json.loads(json.dumps(channel.plain()))) == channel
