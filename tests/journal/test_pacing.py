"""The venue's rate limits, shared by processes: never more than a bucket gives, first come first served."""

from __future__ import annotations

import fcntl
import math
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.engine.pacing import Turn
from runner.journal.bucket import reserve
from runner.journal.pacing import SharedBuckets
from runner.venue.operations import OPERATIONS, Bucket, rate

SEARCH = OPERATIONS["search_orders"]
NOW = 1_800_000_000.0
BASE = "https://api.example.com"

TAKER = """
import math, sys
from pathlib import Path
from runner.journal.pacing import SharedBuckets
from runner.venue.operations import OPERATIONS
buckets = SharedBuckets(Path(sys.argv[1]), "https://api.example.com", "F")
for _ in range(25):
    print(buckets.take(OPERATIONS["search_orders"], 1_800_000_000.0, urgent=False, longest=math.inf).wait)
"""


def made(folder: Path | None, rates: Mapping[str, Bucket | None] | None = None, firm: str = "F") -> SharedBuckets:
    return SharedBuckets(folder, BASE, firm, rates)


@pytest.fixture(params=["shared", "alone"])
def buckets(request: pytest.FixtureRequest, tmp_path: Path) -> SharedBuckets:
    """In files, and in one process's memory: both keep the same promises."""
    return made(tmp_path / "pacing" if request.param == "shared" else None)


def turn(buckets: SharedBuckets, now: float = NOW, *, urgent: bool = False, longest: float = math.inf) -> Turn:
    taken = buckets.take(SEARCH, now, urgent=urgent, longest=longest)
    assert taken is not None
    return taken


def waits(buckets: SharedBuckets, calls: int, now: float = NOW, *, urgent: bool = False) -> list[float]:
    return [round(turn(buckets, now, urgent=urgent).wait, 3) for _ in range(calls)]


@pytest.mark.parametrize(
    ("bucket", "capacity", "kept"),
    [
        ("12/min", 12, 2),
        ("6/min", 6, 1),
        ("60/min", 60, 10),
        ("30/s", 30, 5),
        ("90/s", 90, 15),
        ("5/s", 5, 0),
        ("1/min", 1, 0),
        ("0.5/s", 1, 0),
        ("2.5/s", 2.5, 0),
    ],
)
def test_what_a_bucket_holds(bucket: str, capacity: float, kept: int) -> None:
    """One minute's or one second's calls, and one at least; a sixth is for urgent calls, of small ones nothing."""
    read = rate(bucket)
    assert read is not None
    assert (read.capacity, reserve(read)) == (capacity, kept)


@pytest.mark.parametrize("name", [name for name, each in OPERATIONS.items() if each.bucket])
def test_each_bucket_gives_way_to_ordinary_work(name: str, tmp_path: Path) -> None:
    """It starts full, lets all but its reserve go at once, and goes on at its rate. Where it has no reserve, the first
    that waits waits a little longer, and each one where there is never more than one token."""
    operation, buckets = OPERATIONS[name], made(tmp_path)
    bucket = operation.bucket
    assert bucket is not None
    at_once = int(bucket.capacity) - reserve(bucket)
    taken = [buckets.take(operation, NOW, urgent=False, longest=math.inf) for _ in range(at_once + 3)]
    found = [each.wait for each in taken if each]
    margin = 0.0 if reserve(bucket) else min(0.25, 0.5 / bucket.per_second)
    late = [margin * (n + 1) if bucket.capacity == 1 else margin for n in range(3)]
    expected = [(n + 1) / bucket.per_second + late[n] for n in range(3)]
    assert found == pytest.approx([0.0] * at_once + expected, abs=0.001)


def test_it_starts_full_and_then_makes_wait(buckets: SharedBuckets) -> None:
    """Twelve a minute less two at once; then one every five seconds, in the sequence of asking."""
    assert waits(buckets, 13) == [0.0] * 10 + [5.0, 10.0, 15.0]
    assert waits(buckets, 1, NOW + 15) == [5.0]


def test_it_fills_with_time_and_not_beyond(buckets: SharedBuckets) -> None:
    """A day gives no more than a minute does."""
    waits(buckets, 10)
    assert waits(buckets, 3, NOW + 10) == [0.0, 0.0, 5.0]
    assert waits(buckets, 12, NOW + 86_400) == [0.0] * 10 + [5.0, 10.0]


def test_urgent_calls_use_the_reserve_and_go_first(buckets: SharedBuckets) -> None:
    """Two go at once where others wait; a third waits for the next token, and those who wait already move back."""
    waits(buckets, 10)
    ordinary = turn(buckets)
    assert waits(buckets, 3, urgent=True) == [0.0, 0.0, 5.25]
    # one token for the urgent call, two for the reserve, one for this
    assert buckets.left(ordinary, NOW) == pytest.approx(20)
    assert buckets.left(ordinary, NOW + 20) == 0


def test_turns_come_one_after_the_other(buckets: SharedBuckets) -> None:
    """Each is told anew how long it is, and 0 from its moment on."""
    waits(buckets, 10)
    first, second = turn(buckets), turn(buckets)
    assert (buckets.left(first, NOW + 4), buckets.left(second, NOW + 4)) == pytest.approx((1, 6))
    assert (buckets.left(first, NOW + 5), buckets.left(second, NOW + 5)) == pytest.approx((0, 5))
    assert (buckets.left(first, NOW + 10), buckets.left(second, NOW + 10)) == (0, 0)


def test_who_looks_on_changes_nothing(tmp_path: Path) -> None:
    """The extra moment of a bucket without a reserve is kept, however often others ask in between."""
    buckets, small = made(tmp_path, {"search_orders": rate("1/min")}), 60.25
    waits(buckets, 1)
    waiting = turn(buckets)
    assert waiting.wait == pytest.approx(small)
    for moment in (1, 30, 59.9, 60, 60.1, 60.2):
        assert turn(buckets, NOW + moment, longest=1).wait > 1
        assert buckets.left(waiting, NOW + moment) == pytest.approx(small - moment, abs=0.01)
    assert buckets.left(waiting, NOW + small) == 0


def test_what_comes_too_late_is_not_taken(buckets: SharedBuckets) -> None:
    """The wait is told, and the bucket is as it was."""
    waits(buckets, 10)
    assert [turn(buckets, longest=4.9).wait for _ in range(3)] == pytest.approx([5, 5, 5])
    assert waits(buckets, 1) == [5.0]


def test_what_is_given_back_is_there_for_others(buckets: SharedBuckets) -> None:
    """Those behind move up, and a token that was taken already comes back."""
    waits(buckets, 10)
    first, second = turn(buckets), turn(buckets)
    buckets.give_back(first, NOW)
    assert buckets.left(second, NOW) == pytest.approx(5)
    buckets.give_back(second, NOW + 5)
    assert waits(buckets, 1, NOW + 5) == [0.0]


def test_who_dies_in_line_holds_up_nobody(tmp_path: Path) -> None:
    """A process that never comes back costs one token, at the moment that was its turn."""
    waits(made(tmp_path), 11)
    assert waits(made(tmp_path), 1, NOW + 1) == [9.0]
    assert waits(made(tmp_path), 1, NOW + 60) == [0.0]


@pytest.mark.parametrize(
    ("said", "wait", "urgent"),
    [(None, 15, 5.25), (0.0, 15, 5.25), (3.0, 15, 5.25), (40.0, 40, 40), (86_400.0, 600, 600)],
    ids=["nothing", "0 s", "3 s", "40 s", "a day"],
)
def test_429_holds_everybody_back(said: float | None, wait: float, urgent: float, buckets: SharedBuckets) -> None:
    """The bucket is empty, whatever it seemed to hold, and shut as long as the venue said, for ten minutes at most."""
    buckets.limited(SEARCH, NOW, said)
    assert turn(buckets).wait == pytest.approx(wait)
    assert turn(buckets, urgent=True).wait == pytest.approx(urgent)


def test_429_holds_back_those_who_wait(buckets: SharedBuckets) -> None:
    """A turn that was promised comes later."""
    waits(buckets, 10)
    waiting = turn(buckets)
    buckets.limited(SEARCH, NOW + 4, 30.0)
    assert buckets.left(waiting, NOW + 5) == pytest.approx(29)


def test_operations_without_a_limit(tmp_path: Path) -> None:
    """No turn, no file; nor for one whose limit the settings switch off."""
    buckets = made(tmp_path, {"search_orders": None, "whoami": Bucket(1, 60, None)})
    health = OPERATIONS["health"]
    assert buckets.take(health, NOW, urgent=False, longest=0) is None
    assert buckets.take(SEARCH, NOW, urgent=False, longest=0) is None
    buckets.limited(health, NOW, 30.0)
    assert list(tmp_path.iterdir()) == []
    stated = [buckets.take(OPERATIONS["whoami"], NOW, urgent=False, longest=math.inf) for _ in range(2)]
    assert [(each.wait, each.limit) for each in stated if each] == [(0, "1 a minute"), (60.25, "1 a minute")]


def test_each_firm_exchange_and_method_has_its_own(tmp_path: Path) -> None:
    """Only the two reads of incentives share one."""
    waits(made(tmp_path), 12)
    assert waits(made(tmp_path, firm="G"), 1) == [0.0]
    assert waits(SharedBuckets(tmp_path, "https://other.example.com", "F"), 1) == [0.0]
    trades = made(tmp_path).take(OPERATIONS["search_trades"], NOW, urgent=False, longest=0)
    assert trades is not None
    assert trades.wait == 0
    for name, expected in (("incentives", 0), ("incentive_earnings", 0.3)):
        taken = [made(tmp_path).take(OPERATIONS[name], NOW, urgent=False, longest=math.inf) for _ in range(5)]
        assert taken[0] is not None
        assert taken[0].wait == pytest.approx(expected)


def test_processes_that_state_different_sizes(tmp_path: Path) -> None:
    """What the smaller one finds in its bucket is what is there for all."""
    small, large = made(tmp_path, {"search_orders": rate("6/min")}), made(tmp_path, {"search_orders": rate("60/s")})
    assert waits(small, 1) == [0.0]
    assert waits(large, 6) == pytest.approx([0.1, 0.117, 0.133, 0.15, 0.167, 0.183])
    assert waits(large, 1, NOW + 10) == [0.0]
    assert waits(small, 5, NOW + 10) == [0.0, 0.0, 0.0, 0.0, 0.0]


def test_a_clock_that_was_set_back(buckets: SharedBuckets) -> None:
    """Nothing is won by it, and nobody waits for the old time: an hour later by the old clock is five seconds."""
    waits(buckets, 10)
    waiting = turn(buckets)
    assert buckets.left(waiting, NOW - 3600) == pytest.approx(5)
    assert waits(buckets, 1, NOW - 3595) == [5.0]
    buckets.limited(SEARCH, NOW - 3595, 30.0)
    assert turn(buckets, NOW - 7200, urgent=True).wait == pytest.approx(30)


DAMAGE = [
    "",
    "nonsense",
    "[]",
    "{}",
    "[1,2]",
    "[NaN,0,0,[]]",
    "[-5,0,0,[]]",
    "[1,Infinity,0,[]]",
    "[1,2,3,[4]]",
    '[1,2,3,[["t",true]]]',
]


@pytest.mark.parametrize("text", [*DAMAGE, "[" * 5000, "\ufffd\0"], ids=range(len(DAMAGE) + 2))
def test_a_damaged_file_is_begun_anew(text: str, tmp_path: Path) -> None:
    """No run fails for it; the bucket is full again."""
    buckets = made(tmp_path)
    waiting = [turn(buckets) for _ in range(11)][-1]
    (path,) = tmp_path.iterdir()
    path.write_text(text + "\n")
    assert buckets.left(waiting, NOW) == 0
    assert waits(buckets, 11) == [0.0] * 10 + [5.0]


def test_a_moment_far_ahead_in_a_file(tmp_path: Path) -> None:
    """Nobody waits longer than ten minutes for what a file says."""
    turn(made(tmp_path))
    (path,) = tmp_path.iterdir()
    path.write_text(f"[3,{NOW},{NOW * 2},[]]\n")
    assert waits(made(tmp_path), 1) == [600.0]


def test_a_file_that_is_taken_away(tmp_path: Path) -> None:
    """In mid-run, with its folder: there is a new one at the next call, for all processes again."""
    buckets, folder = made(tmp_path / "a" / "pacing"), tmp_path / "a" / "pacing"
    waits(buckets, 11)
    next(folder.iterdir()).unlink()
    folder.rmdir()
    folder.parent.rmdir()
    assert waits(buckets, 10) == [0.0] * 10
    assert waits(made(folder), 1) == [5.0]
    assert (folder.stat().st_mode & 0o777, next(folder.iterdir()).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_folder_that_can_t_be_used(tmp_path: Path) -> None:
    """Then each process keeps the limits by itself."""
    (tmp_path / "file").write_text("")
    buckets = made(tmp_path / "file" / "pacing")
    assert waits(buckets, 11) == [0.0] * 10 + [5.0]
    assert waits(made(tmp_path / "file" / "pacing"), 1) == [0.0]


def test_old_files_are_taken_away(tmp_path: Path) -> None:
    """Exchanges on ports of one afternoon leave nothing for ever: a new bucket's file sweeps out those of yesterday."""
    for firm in ("old", "new"):
        turn(made(tmp_path, firm=firm))
    old = min(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    os.utime(old, (time.time() - 90_000,) * 2)
    turn(made(tmp_path, firm="another"))
    assert not old.exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_processes_share_it(tmp_path: Path) -> None:
    """Four processes at once take a hundred tokens: ten are free, the others come one by one at the bucket's rate."""
    command = [sys.executable, "-c", TAKER, str(tmp_path)]
    takers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    found = sorted(float(word) for taker in takers for word in taker.communicate()[0].split())
    assert [taker.returncode for taker in takers] == [0] * 4
    assert found == pytest.approx([0.0] * 10 + [n * 5 for n in range(1, 91)], abs=0.001)


def test_a_killed_process_frees_the_file(tmp_path: Path) -> None:
    """Killed with the lock in its hand: nobody waits for it, and nothing is lost."""
    turn(made(tmp_path))
    (path,) = tmp_path.iterdir()
    holding = f"import fcntl, time; f = open({str(path)!r}); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); "
    with subprocess.Popen([sys.executable, "-c", holding + "time.sleep(60)"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        holder.kill()
        holder.wait()
        assert waits(made(tmp_path), 10) == [0.0] * 9 + [5.0]


def test_a_process_that_does_not_let_go(tmp_path: Path) -> None:
    """Stopped with the lock in its hand: after a second others go on without the file."""
    turn(made(tmp_path))
    (path,) = tmp_path.iterdir()
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        assert waits(made(tmp_path), 1) == [0.0]
        assert 0.9 < time.monotonic() - began < 5
