"""What the measured programs stand on: a folder of their own, a key, the fixed server, and settings that lead there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fixed_server import ACCOUNT, USER

CHECKOUT = Path(__file__).resolve().parents[1]
_PARTS = ("runner", "schemas", "playbooks")


@dataclass(frozen=True, slots=True)
class Ground:
    """``environ`` are the settings of every program that is measured; ``folder`` is emptied at the end."""

    folder: Path
    environ: Mapping[str, str]

    def forget(self) -> None:
        """An empty state directory: nothing is remembered."""
        shutil.rmtree(self.folder / "state", ignore_errors=True)

    def refill(self) -> None:
        """Full buckets: a hundred runs in a row would wait for the venue's rate limits."""
        shutil.rmtree(self.folder / "state" / "pacing", ignore_errors=True)

    def copied(self) -> dict[str, str]:
        """The settings, with a copy of the program without bytecode in front; ``fresh_copy`` makes it."""
        return {**self.environ, "PYTHONPATH": str(self.folder / "copy")}

    def fresh_copy(self) -> None:
        """The program as it is right after a clone: none of it was ever imported, and nothing is remembered."""
        self.forget()
        shutil.rmtree(self.folder / "copy", ignore_errors=True)
        for part in _PARTS:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(CHECKOUT / part, self.folder / "copy" / part, ignore=ignored)


@contextmanager
def ground() -> Iterator[Ground]:
    """All of it within the block."""
    with tempfile.TemporaryDirectory(prefix="pmx-bench-") as name, _server() as port:
        folder = Path(name)
        base_url = f"http://127.0.0.1:{port}"
        environ = {
            "PMX_ENV": "preprod",
            "PMX_BASE_URL": base_url,
            "PMX_AUTH_URL": f"{base_url}/oauth/token",
            "PMX_AUDIENCE": base_url,
            "PMX_CLIENT_ID": "benchmark",
            "PMX_PRIVATE_KEY_PATH": str(_key(folder)),
            "PMX_PARTICIPANT_ID": USER,
            "PMX_ACCOUNT": ACCOUNT,
            "PMX_STATE_DIR": str(folder / "state"),
        }
        yield Ground(folder, environ)


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.fixed_server"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def _key(folder: Path) -> Path:
    """A new 2048-bit key; made by a process of its own, so that this one stays small."""
    path = folder / "private_key.pem"
    make = "import sys; from runner.venue.keys import new_pair; sys.stdout.write(new_pair()[0].reveal())"
    pem = subprocess.run([sys.executable, "-c", make], capture_output=True, check=True).stdout
    path.touch(mode=0o600)
    path.write_bytes(pem)
    os.chmod(path, 0o600)  # noqa: PTH101
    return path
