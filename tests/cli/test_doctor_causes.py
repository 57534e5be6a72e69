"""Every cause by which signing in fails, as it is met: what the doctor says of it, word for word, and what to do.

The causes are those of docs.polymarket.us, trader-guide/authentication-troubleshooting and
trader-guide/connection-issues. Each is played: by a fault or a control call of the sandbox, or by a real cause on this
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from reporters.schema import DOCTOR, check
from sandbox import causes
from sandbox.causes import Scene
from sandbox.control import Control
from sandbox.served import served

from runner.cli import doctor, sign_in
from runner.errors import Refused
from runner.sandbox.directory import SCOPES
from runner.venue.keys import KeyFile, load_key

LET_THROUGH = "let *.polymarketexchange.com and *.auth0.com through on port 443"


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """Those of an exchange."""
    with served("--rates", "off") as variables:
        yield variables


@pytest.fixture
def scene(variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_") or name.lower() in causes.PROXIES]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    control = Control(variables)
    with ExitStack() as stack:
        yield Scene(variables, tmp_path, monkeypatch, control, stack)
    control.disarm()
    control.call("POST", "/clock", {"real": True})
    control.call("POST", "/scopes", {"scopes": list(SCOPES)})


NTP = "set it, and keep it right by NTP, such as: timedatectl set-ntp true"
ASK_ONBOARDING = (
    "the client id is not known there, or this key is not registered for it; the venue doesn't say which\n"
    "compare with what onboarding gave you for environment `preprod`: client id {client}\n"
    "then ask onboarding whether it has this key: {fingerprint}"
)
OF_ONE = "addresses, client id and key belong to one environment; each has its own"
EXACTLY = "exactly as onboarding or the KYC approval gave it"
BEHIND = "something on the way answers in its place: a proxy, or the sign-in page of a network"
BY_NAME = "HTTPS_PROXY names it; if api.venue.test can be reached without one: NO_PROXY=api.venue.test"
RESOLVER = "no name server answers: is this machine connected, and is its resolver right (/etc/resolv.conf)?"

CAUSES: dict[str, tuple[Callable[[Scene], None], str, str, str, int]] = {
    "key not registered": (
        causes.another_key, "token",
        "no access token was given: 401 invalid_client: unknown client or wrong signature", ASK_ONBOARDING, 1,
    ),
    "unknown client id": (
        causes.another_client, "token",
        "no access token was given: 401 invalid_client: unknown client or wrong signature", ASK_ONBOARDING, 1,
    ),
    "wrong audience": (
        causes.another_audience, "token",
        "no access token was given: 403 access_denied: there is no API of this audience",
        ("PMX_AUDIENCE is the API's base URL: https://api.example.com (environment variable PMX_AUDIENCE) was asked "
        "for, and the base URL is {base}"), 1,
    ),
    "wrong token URL": (
        causes.another_token_url, "token",
        "no access token was given: 401 invalid_client_assertion: aud must be the token URL",
        ("the assertion is addressed to auth_url, {auth} (environment variable PMX_AUTH_URL): it must be the token URL "
        "of this environment, letter by letter"), 1,
    ),
    "clock ten minutes ahead": (
        causes.fast_clock, "clock", "this machine's clock is ~600 s ahead of the venue's", NTP, 1,
    ),
    "clock ten minutes behind": (
        causes.slow_clock, "clock", "this machine's clock is ~600 s behind the venue's", NTP, 1,
    ),
    "clock of the auth host": (
        causes.expired_though_the_clock_seems_right, "token",
        "no access token was given: 401 invalid_client_assertion: expired",
        "the clock of 127.0.0.1 is another than ours: set this machine's by NTP, such as: timedatectl set-ntp true", 1,
    ),
    "replayed jti": (
        causes.replayed, "token",
        "no access token was given: 401 invalid_client_assertion: jti has been used before",
        ("a fresh one is signed for each request, so something on the way sends requests twice: look for a proxy or a "
        "gateway that repeats them, between this machine and 127.0.0.1"), 1,
    ),
    "missing scopes": (
        causes.without_a_scope, "scopes",
        ("the token lacks write:orders, read:reports, read:positions; it holds read:accounts read:orders "
        "read:instruments"),
        "ask the venue's onboarding to grant it to the client id {client}; the key stays as it is", 1,
    ),
    "missing participant": (
        causes.nobody_to_act_for, "participant", "no participant is set",
        ("set PMX_PARTICIPANT_ID, --participant or `participant_id` in pmx.yaml, exactly as onboarding or the KYC "
        "approval gave it; it can't be made of whoami's firm"), 1,
    ),
    "another firm's participant": (
        causes.another_firms_user, "participant", "the venue refused: 403 permission denied: cross-firm access",
        ("ISV-Participant-Zenith is another firm than that of this client id, ISV-Participant-Acme: take a user of "
        f"ISV-Participant-Acme, {EXACTLY}"), 1,
    ),
    "unknown participant": (
        causes.an_unknown_user, "participant", "the venue refused: 403 permission denied: unknown participant",
        f"the firm is right, so `alice-nobody` is no user of it, or not yet: take one {EXACTLY}", 1,
    ),
    "participant of another form": (
        causes.a_bare_name, "participant", "the venue refused: 403 permission denied: cross-firm access",
        "`alice` is no participant: it reads firms/<FIRM>/users/<USER>", 1,
    ),
    "another environment's client id": (
        causes.another_environments_client, "environment",
        "the client id sandbox-acme-client is that of environment `prod` (pmx.yaml:1:34)", OF_ONE, 1,
    ),
    "another environment's key": (
        causes.another_environments_key, "environment",
        "the private key {fingerprint} is that of environment `prod` (pmx.yaml:1:41)", OF_ONE, 1,
    ),
    "key pinned in another environment": (
        causes.a_key_pinned_elsewhere, "environment",
        "the private key {fingerprint} is that of environment `prod` (pmx.yaml:1:48)", OF_ONE, 1,
    ),
    "addresses of two environments": (
        causes.mixed_addresses, "environment",
        ("the addresses are of several environments: base_url is of `preprod`, auth_url is of `prod`, audience is of "
        "`preprod`"), OF_ONE, 3,
    ),
    "key readable by others": (
        causes.a_lax_key, "key", "the private key {key} can be read by others", "chmod 600 {key}", 1,
    ),
    "key not there": (
        causes.no_key, "key", "the private key none.pem can't be read: No such file or directory",
        "check PMX_PRIVATE_KEY_PATH", 1,
    ),
    "key too small": (
        causes.small_key, "key",
        "the private key {key} has 1024 bits, too few", "make one of 2048: pmx-run keys new", 1,
    ),
    "public key given": (
        causes.public_half, "key", "{key} is a public key, and we sign with the private half",
        "name the other file of the pair", 1,
    ),
    "key encrypted": (
        causes.locked_key, "key", "the private key {key} is encrypted",
        "a run can't ask for its pass phrase; write it without one: openssl pkey -in KEY -out private_key.pem", 1,
    ),
    "key not RSA": (
        causes.curve, "key",
        "the private key {key} is not an RSA key", "the venue accepts RSA alone: pmx-run keys new", 1,
    ),
    "key cut short": (
        causes.cut_key, "key", "{key} is a private key that is damaged or cut short",
        "copy the whole file again, from BEGIN to END; if there is none left: pmx-run keys new", 1,
    ),
    "key with written line breaks": (
        causes.escaped_key, "key", "PMX_PRIVATE_KEY has its line breaks written as \\n",
        "give it as it stands in the file, or name the file: PMX_PRIVATE_KEY_PATH", 1,
    ),
    "expired certificate": (
        causes.expired_certificate, "tls", "the certificate of 127.0.0.1 expired {day}",
        "is this machine's clock right? it says ~ UTC; if it is, whoever runs 127.0.0.1 has to renew the certificate",
        3,
    ),
    "unknown authority": (
        causes.unknown_authority, "tls",
        "the certificate of 127.0.0.1 is signed by itself (CN=127.0.0.1), whom this machine does not trust",
        ("if a proxy of your own network signs there, name its authority: ca_bundle in pmx.yaml, or "
        "REQUESTS_CA_BUNDLE\nif not, somebody stands between you and the venue: send nothing"), 3,
    ),
    "authority not in ca_bundle": (
        causes.authority_left_out, "tls",
        "the certificate of 127.0.0.1 is signed by itself (CN=127.0.0.1), whom this machine does not trust",
        "ca_bundle, {bundle}, stands in place of the usual authorities: it must hold this one and theirs", 3,
    ),
    "certificate of another name": (
        causes.other_names_certificate, "tls",
        "the certificate of 127.0.0.1 is made out to sign-in.hotel.example",
        "is the address spelled right? if it is, something on the way answers in its place", 3,
    ),
    "no TLS": (causes.no_tls, "tls", "{place} does not speak TLS: ~", BEHIND, 3),
    "no such name": (
        causes.unresolved(socket.EAI_NONAME, "Name or service not known"), "dns",
        f"the name {causes.HOST} can't be resolved: Name or service not known",
        "is it spelled right? check the network of this machine and its firewall", 3,
    ),
    "no DNS": (
        causes.unresolved(socket.EAI_AGAIN, "Temporary failure in name resolution"), "dns",
        f"the name {causes.HOST} can't be resolved: Temporary failure in name resolution", RESOLVER, 3,
    ),
    "connection refused": (
        causes.refused_connection, "tls", "no connection to {place}: Connection refused",
        "is the exchange running? start one with: pmx-run sandbox", 3,
    ),
    "proxy asks who we are": (
        causes.proxy_that_asks, "tls", "the proxy {proxy} asks for a name and a password: 407 Whatever",
        "give both in its address: HTTPS_PROXY=http://NAME:PASSWORD@{proxy}", 3,
    ),
    "proxy doesn't know us": (
        causes.proxy_that_knows_us_not, "tls",
        "the proxy {proxy} takes neither this name nor this password: 407 Whatever",
        "give both in its address: HTTPS_PROXY=http://NAME:PASSWORD@{proxy}", 3,
    ),
    "proxy forbids": (
        causes.proxy_that_forbids, "tls",
        f"the proxy {{proxy}} does not let us through to {causes.HOST}:443: 403 Whatever",
        f"ask its owner to {LET_THROUGH}", 3,
    ),
    "proxy with a page": (causes.proxy_with_a_page, "tls", f"{causes.HOST}:443 does not speak TLS: ~", BEHIND, 3),
    "no proxy": (causes.no_proxy_at_all, "tls", "{proxy} does not answer as a proxy", BY_NAME, 3),
    "page in place of an answer": (
        causes.page_in_its_place, "health", "a web page came in place of an answer of {place}: 200",
        f"a proxy, a firewall or the sign-in page of a network stands in between: ask who runs it to {LET_THROUGH}", 3,
    ),
    "state directory in the way": (
        causes.state_in_the_way, "state", "the state directory ~/file/state can't be written: Not a directory",
        "name one that stays: --state-dir DIR or PMX_STATE_DIR (in a container, a volume)", 1,
    ),
}  # fmt: skip


def examined(scene: Scene, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, object]], str]:
    """The exit code, the checks by name, and all that was printed, in either form."""
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    code = doctor.run(parser.parse_args([*scene.words, "--json"]))
    said = capsys.readouterr()
    told = json.loads(said.out)
    check(told, DOCTOR)
    return code, {each["name"]: each for each in told["checks"]}, said.out + said.err


def same(said: str, expected: str) -> bool:
    """Whether they are the same; ``~`` stands for a time or a system's own words, ``~600`` for about it."""
    pattern = re.escape(expected).replace(r"\~600", "(599|600|601)").replace(r"\~", ".+").replace("~", ".+")
    return re.fullmatch(pattern, said) is not None


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_is_named(cause: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """By the check that meets it first, with its remedy; what stands on that is not tried; no secret is shown."""
    arrange, name, seen, help, code = CAUSES[cause]
    arrange(scene)
    ended, checks, printed = examined(scene, capsys)
    found = checks[name]
    assert found["state"] == "failed"
    assert same(str(found["seen"]), seen.format(**scene.told)), found["seen"]
    assert same("\n".join(found["help"]), help.format(**scene.told)), found["help"]  # type: ignore[arg-type]
    assert ended == code
    assert next(each for each in checks.values() if each["state"] == "failed") == found
    if name not in {"participant", "state"}:
        assert checks["participant"]["state"] == "not_tried"
    assert "hunter2" not in printed
    assert "PRIVATE KEY-----" not in printed


def test_both_forms_of_a_key_are_good(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """PKCS#1, which the venue's own examples show, and PKCS#8, which OpenSSL writes today: no cause at all."""
    key = load_key(KeyFile(Path(scene.variables["PMX_PRIVATE_KEY_PATH"])))
    scene.key(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()))
    code, checks, _ = examined(scene, capsys)
    assert code == 0
    assert "PKCS#1" in str(checks["key"]["seen"])


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_a_state_directory_that_does_not_last(folder: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, hinders nobody, and is not made for the occasion."""
    state = Path(folder) / "pmx-doctor-state"
    scene.words = ["--state-dir", str(state)]
    code, checks, _ = examined(scene, capsys)
    assert code == 0
    assert checks["state"]["state"] == "doubtful"
    assert str(checks["state"]["seen"]).startswith(f"{state} does not last: ")
    words = "what a killed run owes goes with it; name one that stays: --state-dir DIR or PMX_STATE_DIR"
    assert checks["state"]["help"] == [f"{words} (in a container, a volume)"]
    assert not state.exists()


@pytest.mark.parametrize(
    ("status", "reason", "helped"),
    [
        (403, "permission denied: this address is not on the list", True),
        (403, "permission denied: missing required scope read:accounts", False),
        (404, "not found", False),
    ],
)
def test_a_refusal_that_no_participant_caused(status: int, reason: str, helped: bool) -> None:
    """Such as that of an address which the venue does not know."""
    refused = Refused("the venue refused", status=status, code=7, reason=reason, help="before")
    assert (
        "does the venue let calls from this machine's address in?" in sign_in.explained_alone(refused).help
    ) is helped
