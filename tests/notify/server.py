"""Somebody who listens: an HTTP endpoint and a mail server on this machine, each in a thread."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Posted:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Endpoint:
    """What it was sent; ``status`` is what it answers, and while ``hanging`` is clear it answers nothing."""

    url: str = ""
    status: int = 204
    got: list[Posted] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait(self, number: int) -> list[Posted]:
        """Everything, once so many more requests have come."""
        for _ in range(number):
            assert self.arrived.acquire(timeout=20)
        return self.got


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    """An endpoint that answers at once until somebody changes that."""
    told = Endpoint()
    told.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.got.append(Posted(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            told.arrived.release()
            told.answering.wait(30)
            with contextlib.suppress(OSError):
                self.send_response(told.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        told.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class MailServer:
    """What it took: commands, and each mail's text."""

    port: int = 0
    refusing: bool = False
    commands: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """As much of RFC 5321 as a client that sends one mail needs, with AUTH PLAIN."""
    told = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            for line in self.rfile:
                command = line.decode().strip()
                told.commands.append(command)
                if not self.obey(command.upper()):
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def obey(self, command: str) -> bool:
            if command.startswith("EHLO"):
                self.say("250-here\r\n250 AUTH PLAIN")
            elif command.startswith("AUTH"):
                self.say("235 welcome")
            elif command.startswith("RCPT") and told.refusing:
                self.say("550 nobody of that name")
            elif command == "DATA":
                self.say("354 go on")
                told.mails.append("".join(iter(lambda: self.rfile.readline().decode(), ".\r\n")))
                self.say("250 taken")
            else:
                self.say("221 bye" if command == "QUIT" else "250 fine")
            return command != "QUIT"

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
