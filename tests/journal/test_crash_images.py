"""The journal as a power failure leaves it: opened again it is whole, and has lost nothing that was acknowledged.

A writer is stopped at a moment of its own and its files are copied. Half of the images lose the end of their
write-ahead file, too, as a disk does that had not yet written it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from journal.reading import kept, whole
from runner.journal.store import NAME

TESTS = Path(__file__).parents[1]
POINTS_OF_A_WRITER = 20
FRAME = 24 + 4096
"""Bytes of a page in the write-ahead file, with its header. Source: sqlite.org/walformat.html."""


@dataclass
class Writer:
    """The writing process; ``acknowledged`` is how many entries it was told are durable."""

    process: subprocess.Popen[bytes]
    folder: Path
    acknowledged: int = 0
    _heard: bytes = b""

    def image(self, into: Path) -> None:
        """Copy its files at one moment of its life, and hear what it had acknowledged by then."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        into.mkdir(mode=0o700)
        for path in self.folder.glob(f"{NAME}*"):
            shutil.copy(path, into / path.name)
        self._hear()
        self.process.send_signal(signal.SIGCONT)

    def _hear(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(BlockingIOError):
            while said := os.read(self.process.stdout.fileno(), 65536):
                self._heard += said
        *lines, self._heard = self._heard.split(b"\n")
        self.acknowledged = int(lines[-1]) if lines else self.acknowledged


@contextlib.contextmanager
def writer(folder: Path, seed: str) -> Iterator[Writer]:
    """A process that writes until the block's end."""
    folder.mkdir(mode=0o700)
    command = [sys.executable, "-m", "journal.writer", str(folder), "r1", seed]
    with subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            output = process.stdout.fileno()
            assert b"".join(iter(lambda: os.read(output, 1), b"\n")) == b"ready"
            os.set_blocking(output, False)
            yield Writer(process, folder)
        finally:
            process.kill()


@dataclass
class Log:
    """The write-ahead file of an image, as its index has it."""

    path: Path
    frames: int
    checkpointed: int

    @property
    def end(self) -> int:
        """Where what is valid ends; behind it lie older frames."""
        return 32 + self.frames * FRAME


def log_of(image: Path) -> Log:
    """Read from the shared-memory file: after its two headers stands how much went into the database already."""
    index = (image / f"{NAME}-shm").read_bytes()
    (frames,), (checkpointed,) = struct.unpack_from("=I", index, 16), struct.unpack_from("=I", index, 96)
    return Log(image / f"{NAME}-wal", frames, checkpointed)


def truncated(log: Log, random: Random) -> None:
    """Its end was never written."""
    os.truncate(log.path, random.randint(max(0, log.end - 8 * FRAME), log.end))


def zeroed(log: Log, random: Random) -> None:
    """Its length was written, and its end was not."""
    start = random.randint(max(0, log.end - 8 * FRAME), log.end)
    with log.path.open("r+b") as file:
        file.seek(start)
        file.write(bytes(max(0, log.end - start)))


def holed(log: Log, random: Random) -> None:
    """One sector near the end was not written, and those behind it were."""
    start = random.randint(max(0, log.end - 8 * FRAME), log.end) // 512 * 512
    with log.path.open("r+b") as file:
        file.seek(start)
        file.write(bytes(512))


TEARS = (truncated, zeroed, holed)


@dataclass
class Counted:
    """What the images showed."""

    points: int = 0
    torn: int = 0
    lost_entries: int = 0
    damaged: int = 0

    def look(self, image: Path, seed: str, acknowledged: int, random: Random, *, tear: bool) -> None:
        """Open an image, once its end is torn off if it is to be; entries out of sequence fail in ``kept``."""
        log = log_of(image)
        # What the database holds already was synced before: no disk loses it.
        torn = tear and log.checkpointed == 0 and log.frames > 0
        if torn:
            random.choice(TEARS)(log, random)
        (image / f"{NAME}-shm").unlink()
        found = kept(image, "r1", seed)
        self.points += 1
        self.torn += torn
        self.damaged += whole(image) != "ok"
        self.lost_entries += 0 if torn else max(0, acknowledged - found)


def images(folder: Path, points: int, seed: int) -> Counted:
    """Cut writers off at so many points."""
    counted, random = Counted(), Random(seed)
    for number in range(-(-points // POINTS_OF_A_WRITER)):
        with writer(folder / f"state-{number}", str(number)) as writing:
            for point in range(min(POINTS_OF_A_WRITER, points - counted.points)):
                time.sleep(random.uniform(0, 0.05))
                image = folder / f"image-{number}-{point}"
                writing.image(image)
                counted.look(image, str(number), writing.acknowledged, random, tear=counted.points % 2 == 1)
                shutil.rmtree(image)
        shutil.rmtree(folder / f"state-{number}")
    return counted


def test_some_images(tmp_path: Path) -> None:
    """A sample: each opens, is whole, and holds a prefix; uncut ones have lost nothing acknowledged."""
    counted = images(tmp_path, POINTS_OF_A_WRITER, seed=20261122)
    assert (counted.points, counted.damaged, counted.lost_entries) == (POINTS_OF_A_WRITER, 0, 0)
    assert counted.torn >= POINTS_OF_A_WRITER // 4


@pytest.mark.proof
@pytest.mark.parametrize("part", range(6))
def test_three_hundred_images(part: int, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The whole."""
    counted = images(tmp_path, 50, seed=part)
    record_property("points", counted.points)
    record_property("torn", counted.torn)
    record_property("damaged", counted.damaged)
    record_property("acknowledged entries lost", counted.lost_entries)
    assert (counted.points, counted.damaged, counted.lost_entries) == (50, 0, 0)
