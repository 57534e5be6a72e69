"""The heart of `schedule run` on a clock that the test moves: every tick is accounted for, and run once at most."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from runner.cli.schedule.health import state_of
from runner.cli.schedule.keeper import Child, Keeper, Ways
from runner.cli.schedule.ledger import RUNNING, Ledger
from runner.cli.schedule.outcomes import DIED, TOO_LATE, UNDER_WAY, ended_with
from runner.schedule.cron import moments
from runner.schedule.model import DAYS, MAINTENANCE, Schedule, Window

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Run:
    """A run that ends when the world's clock has come to ``ends``."""

    world: World
    ends: datetime
    code: int = 0
    stopped: bool = False

    def ended(self) -> int | None:
        return self.code if self.stopped or self.world.now >= self.ends else None

    def stop(self) -> None:
        self.stopped = True


@dataclass
class World:
    """What stands around keepers: a clock, runs that take a while, owners that live or don't."""

    folder: Path
    now: datetime = START
    takes: timedelta = timedelta(seconds=10)
    runs: dict[tuple[str, datetime], Run] = field(default_factory=dict)
    began: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    alive: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    dead: set[tuple[str, datetime]] = field(default_factory=set)
    code: int = 0

    def keeper(self, schedules: Mapping[str, Schedule], owner: str = "one") -> Keeper:
        self.alive.add(owner)
        ways = Ways(
            lambda each: each.name,
            self.start,
            self.found,
            lambda owner: owner in self.alive,
            lambda news: self.lines.append(str(news)),
        )
        return Keeper(schedules, Ledger(self.folder), ways, owner, self.now)

    def start(self, schedule: Schedule, at: datetime) -> Child:
        """As the journal does it: an id that was used before begins no second run."""
        key = (schedule.name, at)
        if key not in self.runs:
            self.began[key] += 1
            self.runs[key] = Run(self, self.now + self.takes, self.code)
        return self.runs[key]

    def found(self, schedule: Schedule, at: datetime) -> str | None:
        run = self.runs.get((schedule.name, at))
        if run is None:
            return DIED if (schedule.name, at) in self.dead else None
        code = run.ended()
        return RUNNING if code is None else ended_with(code)

    def ticks(self, name: str) -> dict[datetime, str]:
        return {each.at: each.outcome for each in Ledger(self.folder).all(name)}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def schedules(*made: Schedule) -> dict[str, Schedule]:
    return {each.name: each for each in made}


def every(cron: str, within: timedelta | None = None, name: str = "a", **more: Any) -> Schedule:
    policy = {"catch_up": "last" if within else "none", "within": within, "windows": ()}
    return Schedule(name, "preflight", cron, **(policy | more))


def passes(world: World, keeper: Keeper, looks: int, step: timedelta = MINUTE) -> None:
    for _ in range(looks):
        world.now += step
        keeper.look(world.now)


def test_each_tick_is_run_and_said(world: World) -> None:
    """A line when it begins and one when it ended."""
    keeper = world.keeper(schedules(every("*/5 * * * *")))
    passes(world, keeper, 12)
    assert world.ticks("a") == {START + timedelta(minutes=each): "ended with 0" for each in (5, 10)}
    assert world.lines[:2] == ["a  2026-11-23 09:05 UTC  begins", "a  2026-11-23 09:05 UTC  ended with 0"]


@pytest.mark.parametrize(
    ("within", "last"),
    [
        (None, "missed: nobody was there"),
        (timedelta(minutes=40), RUNNING),
        (timedelta(minutes=20), "missed: nobody was there"),
    ],
    ids=["none", "last", "last, too late"],
)
def test_two_hours_away(within: timedelta | None, last: str, world: World) -> None:
    """All that was missed is entered and said; the last is run if it is not too late."""
    keeper = world.keeper(schedules(every("30 * * * *", within)))
    keeper.look(world.now)
    world.now = START + timedelta(hours=3)
    keeper.look(world.now)
    found = world.ticks("a")
    assert list(found.values()) == ["missed: nobody was there", "missed: nobody was there", last]
    assert world.began == ({("a", START + timedelta(minutes=150)): 1} if last == RUNNING else {})


def test_stopped_and_begun_again(world: World) -> None:
    """It goes on where the table ends, not where it was begun."""
    passes(world, world.keeper(schedules(every("* * * * *"))), 3)
    world.now += timedelta(minutes=10)
    world.keeper(schedules(every("* * * * *"))).look(world.now)
    assert Counter(world.ticks("a").values()) == {"ended with 0": 3, "missed: nobody was there": 9, RUNNING: 1}
    assert world.lines[-2].endswith("09:04 UTC and 8 after it  missed: nobody was there")


def test_a_run_that_takes_long(world: World) -> None:
    """Ticks that come while it is under way are skipped, and said."""
    world.takes = timedelta(minutes=2, seconds=30)
    passes(world, world.keeper(schedules(every("* * * * *"))), 4)
    assert list(world.ticks("a").values())[:3] == ["ended with 0", *["skipped: the run before is still under way"] * 2]


def test_a_queue(world: World) -> None:
    """Ticks that come while a run is under way wait for their turn, in their sequence; too late is too late."""
    world.takes = timedelta(minutes=2, seconds=30)
    keeper = world.keeper(schedules(every("* * * * *", overlap="queue")))
    passes(world, keeper, 8, MINUTE / 2)
    assert list(world.ticks("a").values()) == ["ended with 0", *[RUNNING] * 3]
    assert (keeper.running, keeper.waiting) == (
        {"a": START + 2 * MINUTE},
        {"a": [START + 3 * MINUTE, START + 4 * MINUTE]},
    )
    passes(world, keeper, 32, MINUTE / 2)
    found = list(world.ticks("a").values())
    assert Counter(found[:14]) == {"ended with 0": 6, TOO_LATE: 8}
    begun = [at for _, at in world.began]
    assert begun == sorted(begun)


def test_a_queue_waits_for_others_runs(world: World) -> None:
    """A run that meets the lock of one that is none of ours is tried again, if its schedule queues."""
    own = schedules(every("5 * * * *", overlap="queue", name="a"), every("5 * * * *", name="b"))
    keeper = world.keeper(own)
    world.code, world.takes = 75, timedelta(seconds=1)
    passes(world, keeper, 7)
    assert world.ticks("b") == {START + 5 * MINUTE: "ended with 75"}
    assert world.ticks("a") == {START + 5 * MINUTE: RUNNING}
    world.code = 0
    world.runs.clear()
    passes(world, keeper, 3)
    assert world.ticks("a") == {START + 5 * MINUTE: "ended with 0"}
    assert [line for line in world.lines if line.startswith("a")] == [
        "a  2026-11-23 09:05 UTC  begins",
        "a  2026-11-23 09:05 UTC  ended with 0",
    ]


def test_a_queue_of_two_keepers(world: World) -> None:
    """What one has claimed the other one waits for."""
    world.takes = timedelta(minutes=2, seconds=30)
    own = schedules(every("* * * * *", overlap="queue"))
    one, other = world.keeper(own, "one"), world.keeper(own, "two")
    passes(world, one, 1)
    world.now += MINUTE
    other.look(world.now)
    assert (one.running, other.running, other.waiting) == (
        {"a": START + MINUTE},
        {},
        {"a": [START + 2 * MINUTE]},
    )
    world.now += 2 * MINUTE
    one.look(world.now)
    other.look(world.now)
    assert other.running == {"a": START + 2 * MINUTE}


def test_all_are_caught_up(world: World) -> None:
    """One after the other, as far as they are not too late; one that comes meanwhile goes by `overlap`."""
    keeper = world.keeper(schedules(every("*/30 * * * *", timedelta(hours=1), catch_up="all")))
    keeper.look(world.now)
    world.now = START + timedelta(hours=3)
    world.takes = timedelta(minutes=20)
    keeper.look(world.now)
    assert list(world.ticks("a").values()) == ["missed: nobody was there"] * 3 + [RUNNING] * 3
    passes(world, keeper, 70)
    found = list(world.ticks("a").values())
    assert found[3:] == ["ended with 0"] * 3 + [UNDER_WAY, RUNNING]
    assert max(Counter(world.began).values()) == 1


def test_what_was_claimed_by_one_that_died(world: World) -> None:
    """A queue is taken over by whoever comes next, as far as it is not too late."""
    world.takes = timedelta(minutes=2, seconds=30)
    own = schedules(every("* * * * *", overlap="queue"))
    passes(world, world.keeper(own, "one"), 4)
    world.alive.discard("one")
    other = world.keeper(own, "two")
    world.now += 4 * MINUTE
    other.look(world.now)
    found = list(world.ticks("a").values())
    assert found[0] == "ended with 0"
    assert RUNNING in found
    passes(world, other, 30)
    assert RUNNING not in list(world.ticks("a").values())[:8]
    assert set(world.began.values()) == {1}


def test_a_run_that_dies(world: World) -> None:
    """It is taken up at once, three times at most, so that nothing that it owes is left until the next time."""
    keeper = world.keeper(schedules(every("5 * * * *")))
    world.code, world.takes = -9, timedelta(seconds=1)
    passes(world, keeper, 6)
    assert world.ticks("a") == {START + 5 * MINUTE: RUNNING}
    world.runs.clear()
    world.code = 0
    passes(world, keeper, 3)
    assert world.ticks("a") == {START + 5 * MINUTE: "ended with 0"}
    world.code = -9
    passes(world, keeper, 80)
    assert world.ticks("a")[START + 65 * MINUTE] == "ended with -9"


@pytest.mark.parametrize(
    ("died", "outcome"), [(True, "ended with 0"), (False, "missed: nobody was there")], ids=["died", "never began"]
)
def test_what_died_with_the_machine(died: bool, outcome: str, world: World) -> None:
    """Hours later a run that had begun is settled, however late; one that had not is missed."""
    world.takes = timedelta(hours=9)
    passes(world, world.keeper(schedules(every("5 * * * *"))), 6)
    world.alive.clear()
    world.runs.clear()
    world.dead = {("a", START + 5 * MINUTE)} if died else set()
    world.now += timedelta(hours=3)
    world.takes = timedelta(seconds=1)
    passes(world, world.keeper(schedules(every("5 * * * *"))), 3)
    assert world.ticks("a")[START + 5 * MINUTE] == outcome


def test_what_died_waits_for_the_end_of_a_window(world: World) -> None:
    """In the maintenance nothing could be settled."""
    window = Window("blackout", DAYS, time(9, 20), time(9, 40), "UTC")
    own = schedules(every("5 * * * *", windows=(window,)))
    world.takes = timedelta(hours=9)
    passes(world, world.keeper(own), 6)
    world.alive.clear()
    world.runs.clear()
    world.dead = {("a", START + 5 * MINUTE)}
    world.now += timedelta(minutes=20)
    world.takes = timedelta(seconds=1)
    keeper = world.keeper(own)
    passes(world, keeper, 10)
    assert keeper.waiting == {"a": [START + 5 * MINUTE]}
    passes(world, keeper, 10)
    assert world.ticks("a") == {START + 5 * MINUTE: "ended with 0"}


def test_windows(world: World) -> None:
    """What lies in one is left out and entered."""
    schedule = Schedule("a", "preflight", "0 * * * thu", "America/New_York", windows=(MAINTENANCE,))
    keeper = world.keeper(schedules(schedule))
    passes(world, keeper, 5 * 24 * 20, 3 * MINUTE)
    assert Counter(world.ticks("a").values()) == {"ended with 0": 18, "left out: within a window": 6}


def test_stop(world: World) -> None:
    """Runs are asked to end; one that waits for its random delay is missed, and said."""
    waiting = every("* * * * *", name="b", jitter=timedelta(days=1))
    keeper = world.keeper(schedules(every("* * * * *"), waiting))
    passes(world, keeper, 1)
    assert keeper.running == {"a": world.now}
    keeper.stop()
    assert not keeper.busy(world.now)
    assert list(world.ticks("b").values()) == ["missed: the scheduler was stopped"]
    assert list(world.ticks("a").values()) == ["ended with 0"]


def test_health(world: World) -> None:
    """When it last looked, what comes, what runs; not well if nobody looked for a minute."""
    keeper = world.keeper(schedules(every("* * * * *")))
    assert state_of(keeper, world.now)["status"] == "stale"
    passes(world, keeper, 1)
    assert state_of(keeper, world.now) == {
        "status": "ok",
        "last_look": "2026-11-23T09:01:00+00:00",
        "next": {"a": "2026-11-23T09:02:00+00:00"},
        "running": {"a": "2026-11-23T09:01:00+00:00"},
        "waiting": {},
    }
    assert state_of(keeper, world.now + timedelta(minutes=2))["status"] == "stale"


def two_of_them(world: World, ticks: int, seed: int) -> int:
    """Two keepers on one state directory, each killed at random and begun again; how often."""
    chance = random.Random(seed)
    own = schedules(every("* * * * *", timedelta(minutes=5)))
    keepers = {name: world.keeper(own, name) for name in ("one", "two")}
    kills = 0
    for _ in range(ticks * 4):
        world.now += MINUTE / 4
        for name in chance.sample(sorted(keepers), 2):
            if chance.random() < 0.02:
                kills += 1
                world.alive.discard(name)
                keepers[name] = world.keeper(own, name)
            if chance.random() < 0.9:
                keepers[name].look(world.now)
    for _ in range(8):
        world.now += MINUTE / 8
        for keeper in keepers.values():
            keeper.look(world.now)
    return kills


def check_once(world: World, ticks: int) -> None:
    found = world.ticks("a")
    assert list(found) == [START + MINUTE * each for each in range(1, len(found) + 1)]
    assert len(found) >= ticks
    assert set(world.began.values()) == {1}
    ended = {("a", at) for at, outcome in found.items() if outcome == "ended with 0"}
    assert ended <= set(world.began)


def test_two_at_once(world: World) -> None:
    """Each tick is run once, however often one of them is killed; the table has no hole."""
    assert two_of_them(world, 60, 1) > 0
    check_once(world, 60)


@pytest.mark.proof
def test_two_at_once_for_long(world: World, record_property: Callable[[str, int], None]) -> None:
    """The same for a thousand ticks."""
    kills = two_of_them(world, 1000, 2)
    check_once(world, 1000)
    record_property("ticks", len(world.ticks("a")))
    record_property("kills", kills)
    record_property("run", len(world.began))
    record_property("run twice", sum(each > 1 for each in world.began.values()))


def a_while(world: World, days: int, seed: int) -> dict[str, int]:
    """Twelve schedules on a machine that is off now and then; every tick by its outcome."""
    chance = random.Random(seed)
    made = [
        Schedule(
            f"s{number}",
            "preflight",
            chance.choice(
                ["30 9 * * mon-fri", "0 */2 * * *", "15 * * * *", "@daily", "45 6,18 * * *", "0 5 * * thu"]
            ).replace("@daily", "0 0 * * *"),
            chance.choice(["America/New_York", "Europe/Berlin", "UTC"]),
            within=chance.choice([None, timedelta(hours=1)]),
        )
        for number in range(12)
    ]
    own = schedules(*made)
    keeper = world.keeper(own)
    ends = START + timedelta(days=days)
    while world.now < ends:
        coming = min(keeper.coming.values())
        off = timedelta(hours=chance.uniform(1, 48)) if chance.random() < 0.005 else timedelta(0)
        world.takes = timedelta(minutes=chance.choice([1, 1, 1, 150]))
        world.now = max(coming, world.now + timedelta(minutes=2)) + off
        if off:
            world.alive.clear()
            keeper = world.keeper(own)
        keeper.look(world.now)
    counts: Counter[str] = Counter()
    for each in made:
        expected = []
        for moment in moments(each.cron, each.zone, START):
            if moment > world.now:
                break
            expected.append(moment.astimezone(UTC))
        found = world.ticks(each.name)
        assert list(found) == expected
        counts.update(outcome.partition(":")[0] for outcome in found.values())
    assert set(world.began.values()) == {1}
    return counts


def test_every_tick_is_accounted_for(world: World) -> None:
    """As the expressions alone tell them: none is lost, none is made up, none is run twice."""
    counts = a_while(world, 4, 3)
    assert counts["ended with 0"] > 40
