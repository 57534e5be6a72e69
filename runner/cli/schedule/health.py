"""Is the scheduler well? Told as JSON over HTTP, on this machine alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

if TYPE_CHECKING:
    from runner.cli.schedule.keeper import Keeper

_STALE = timedelta(seconds=60)


@contextmanager
def serving(keeper: Keeper, port: int) -> Iterator[str]:
    """Answer on a port of loopback (0: a free one) within the block; its address. Raises ``WrongInput``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state = state_of(keeper, datetime.now(UTC))
            body = json.dumps(state).encode()
            self.send_response(200 if state["status"] == "ok" else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: each question would be a line."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        raise WrongInput([Diagnostic(f"nothing can be served on port {port}: {error}", help="--health PORT")]) from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def state_of(keeper: Keeper, now: datetime) -> dict[str, Any]:
    """``status`` is ``ok`` unless the last look was more than a minute ago."""
    looked = keeper.looked
    well = looked is not None and now - looked < _STALE
    return {
        "status": "ok" if well else "stale",
        "last_look": None if looked is None else looked.isoformat(),
        "next": {name: at.isoformat() for name, at in keeper.coming.items()},
        "running": {name: at.isoformat() for name, at in keeper.running.items()},
        "waiting": {name: [at.isoformat() for at in some] for name, some in keeper.waiting.items()},
    }
