"""Every cause by which signing in fails, played: by a fault or a control call of the sandbox, or really so.

A cause is a function that sets its scene up; what stands in its way afterwards is the real thing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from venue.secured import certificate, secured_server
from venue.server import Received, Reply, Server, answer

from runner.venue.keys import KeyFile, fingerprint, load_key
from sandbox.control import Control

HOST = "api.venue.test"
REMOTE = f"https://{HOST}"
ALICE = "firms/ISV-Participant-Acme/users/alice"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@cache
def pem_of(bits: int = 2048) -> bytes:
    """A key that nobody knows."""
    key = rsa.generate_private_key(65537, bits)
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


@dataclass
class Scene:
    """Where a cause is set up: variables, a folder, the exchange's control; ``words`` are the doctor's options.

    ``told`` are the values that the expected words name in braces.
    """

    variables: dict[str, str]
    folder: Path
    patch: pytest.MonkeyPatch
    control: Control
    stack: ExitStack
    words: list[str] = field(default_factory=list)
    told: dict[str, object] = field(default_factory=dict)

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def elsewhere(self, url: str, **more: str) -> None:
        self.set(PMX_BASE_URL=url, PMX_AUTH_URL=f"{url}/oauth/token", PMX_AUDIENCE=url, **more)
        self.told |= {"place": url.partition("//")[2]}

    def key(self, pem: bytes, mode: int = 0o600) -> None:
        path = self.folder / "key.pem"
        path.write_bytes(pem)
        path.chmod(mode)
        self.set(PMX_PRIVATE_KEY_PATH=str(path))
        self.told |= {"key": path}

    def serve(self, reply: Callable[[Received], Reply]) -> str:
        server = Server(reply)
        self.stack.callback(server.close)
        return server.url

    def proxy(self, reply: bytes, who: str = "") -> None:
        place = self.serve(lambda _: reply).partition("//")[2]
        self.elsewhere(REMOTE)
        self.set(HTTPS_PROXY=f"http://{who}{place}")
        self.told |= {"proxy": place}

    def yaml(self, text: str) -> None:
        path = self.folder / "pmx.yaml"
        path.write_text(text)
        path.chmod(0o600)

    @property
    def own_fingerprint(self) -> str:
        return fingerprint(load_key(KeyFile(Path(os.environ["PMX_PRIVATE_KEY_PATH"]))).public_key())


def another_key(scene: Scene) -> None:
    scene.key(pem_of())
    scene.told |= {"client": scene.variables["PMX_CLIENT_ID"], "fingerprint": scene.own_fingerprint}


def another_client(scene: Scene) -> None:
    scene.set(PMX_CLIENT_ID="nobody")
    scene.told |= {"client": "nobody", "fingerprint": scene.own_fingerprint}


def another_audience(scene: Scene) -> None:
    scene.set(PMX_AUDIENCE="https://api.example.com")
    scene.told |= {"base": scene.variables["PMX_BASE_URL"]}


def another_token_url(scene: Scene) -> None:
    url = scene.variables["PMX_AUTH_URL"].replace("127.0.0.1", "localhost")
    scene.set(PMX_AUTH_URL=url)
    scene.told |= {"auth": url}


def fast_clock(scene: Scene) -> None:
    scene.control.move(-600)


def slow_clock(scene: Scene) -> None:
    scene.control.move(600)


def expired_though_the_clock_seems_right(scene: Scene) -> None:
    """The host that gives tokens has another time than the API."""
    refusal = {"error": "invalid_client_assertion", "error_description": "expired"}
    scene.set(PMX_AUTH_URL=f"{scene.serve(lambda _: answer(refusal, 401))}/oauth/token")


def replayed(scene: Scene) -> None:
    scene.control.arm("resent", operation="POST /oauth/token")


def without_a_scope(scene: Scene) -> None:
    scene.control.call("POST", "/scopes", {"scopes": ["read:accounts", "read:orders", "read:instruments"]})
    scene.told |= {"client": scene.variables["PMX_CLIENT_ID"]}


def nobody_to_act_for(scene: Scene) -> None:
    scene.patch.delenv("PMX_PARTICIPANT_ID")


def another_firms_user(scene: Scene) -> None:
    scene.words = ["--participant", "firms/ISV-Participant-Zenith/users/zoe"]


def an_unknown_user(scene: Scene) -> None:
    scene.words = ["--participant", f"{ALICE}-nobody"]


def a_bare_name(scene: Scene) -> None:
    scene.words = ["--participant", "alice"]


PROD = "environments: {{prod: {{{}}}}}\n"


def another_environments_client(scene: Scene) -> None:
    scene.yaml(PROD.format("client_id: sandbox-acme-client"))


def another_environments_key(scene: Scene) -> None:
    scene.yaml(PROD.format(f"private_key_path: {scene.variables['PMX_PRIVATE_KEY_PATH']}"))
    scene.told |= {"fingerprint": scene.own_fingerprint}


def a_key_pinned_elsewhere(scene: Scene) -> None:
    scene.told |= {"fingerprint": scene.own_fingerprint}
    scene.yaml(PROD.format(f"pins: {{key_fingerprints: ['{scene.own_fingerprint}']}}"))


def mixed_addresses(scene: Scene) -> None:
    scene.set(
        PMX_BASE_URL="https://api.preprod.polymarketexchange.com",
        PMX_AUTH_URL="https://pmx-prod.us.auth0.com/oauth/token",
        PMX_AUDIENCE="https://api.preprod.polymarketexchange.com",
        HTTPS_PROXY="http://127.0.0.1:1",
    )


def a_lax_key(scene: Scene) -> None:
    scene.key(pem_of(), 0o644)


def no_key(scene: Scene) -> None:
    scene.set(PMX_PRIVATE_KEY_PATH="none.pem")


def small_key(scene: Scene) -> None:
    scene.key(pem_of(1024))


def public_half(scene: Scene) -> None:
    public = load_key(KeyFile(Path(scene.variables["PMX_PRIVATE_KEY_PATH"]))).public_key()
    scene.key(public.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))


def locked_key(scene: Scene) -> None:
    key = load_key(KeyFile(Path(scene.variables["PMX_PRIVATE_KEY_PATH"])))
    lock = form.BestAvailableEncryption(b"open sesame")
    scene.key(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock))


def curve(scene: Scene) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    scene.key(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))


def cut_key(scene: Scene) -> None:
    scene.key(pem_of()[:900])


def escaped_key(scene: Scene) -> None:
    scene.patch.delenv("PMX_PRIVATE_KEY_PATH")
    scene.set(PMX_PRIVATE_KEY=pem_of().decode().replace("\n", "\\n"))


def expired_certificate(scene: Scene) -> None:
    chain = certificate(scene.folder, days=-1)
    scene.elsewhere(scene.stack.enter_context(secured_server(chain, 2)), REQUESTS_CA_BUNDLE=str(chain))
    scene.told |= {"day": (datetime.now(UTC) - timedelta(days=1)).date()}


def unknown_authority(scene: Scene) -> None:
    scene.elsewhere(scene.stack.enter_context(secured_server(certificate(scene.folder, 20), 2)))


def authority_left_out(scene: Scene) -> None:
    other = scene.folder / "other"
    other.mkdir()
    bundle = certificate(other, 20)
    scene.elsewhere(scene.stack.enter_context(secured_server(certificate(scene.folder, 20), 2)))
    scene.yaml(f"ca_bundle: {bundle}\n")
    scene.told |= {"bundle": bundle}


def other_names_certificate(scene: Scene) -> None:
    chain = certificate(scene.folder, 20, "sign-in.hotel.example")
    scene.elsewhere(scene.stack.enter_context(secured_server(chain, 2)), REQUESTS_CA_BUNDLE=str(chain))


def no_tls(scene: Scene) -> None:
    scene.elsewhere(scene.serve(lambda _: answer({})).replace("http://", "https://"))


def unresolved(code: int, words: str) -> Callable[[Scene], None]:
    def arrange(scene: Scene) -> None:
        known = socket.getaddrinfo

        def fail(host: str, *rest: Any, **more: Any) -> Any:
            if host == HOST:
                raise socket.gaierror(code, words)
            return known(host, *rest, **more)

        scene.elsewhere(REMOTE)
        scene.patch.setattr(socket, "getaddrinfo", fail)

    return arrange


def refused_connection(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        scene.elsewhere(f"http://127.0.0.1:{free.getsockname()[1]}")


def proxy_that_asks(scene: Scene) -> None:
    scene.proxy(answer({}, 407))


def proxy_that_knows_us_not(scene: Scene) -> None:
    scene.proxy(answer({}, 407), "me:hunter2@")


def proxy_that_forbids(scene: Scene) -> None:
    scene.proxy(answer({}, 403))


def proxy_with_a_page(scene: Scene) -> None:
    scene.proxy(b"HTTP/1.1 200 OK\r\n\r\n<html>Please sign in</html>")


def no_proxy_at_all(scene: Scene) -> None:
    scene.proxy(b"220 mail.example ESMTP\r\n\r\n")


def page_in_its_place(scene: Scene) -> None:
    page = answer(b"<html>Please sign in</html>", Content_Type="text/html; charset=utf-8")
    scene.elsewhere(scene.serve(lambda _: page))


def state_in_the_way(scene: Scene) -> None:
    (scene.folder / "file").touch()
    scene.words = ["--state-dir", str(scene.folder / "file" / "state")]
