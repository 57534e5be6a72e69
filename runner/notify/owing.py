"""From a run's end to what is owed of it: a message for each channel that wants to hear of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from runner.journal.outbox import Owed
from runner.notify.message import Message
from runner.settings.channels import Channel

HEARTBEAT = "heartbeat"
_GIVEN_UP = timedelta(days=3)
_STALE = timedelta(hours=1)


def owed_to(channels: Iterable[Channel], data: Message, now: datetime) -> Iterator[Owed]:
    """A message for each channel; those of a heartbeat are worth nothing after an hour: they would tell of the past."""
    for channel in channels:
        if channel.kind == HEARTBEAT:
            ping = "" if data["exit_code"] == 0 else "fail"
            yield owed(channel, f"{HEARTBEAT}.{ping or 'success'}", {**data, "ping": ping}, now, _STALE)
        elif wanted(channel, data["event"]):
            yield owed(channel, data["event"], data, now, _GIVEN_UP)


def wanted(channel: Channel, event: str) -> bool:
    """Whether a channel wants to hear of it; who wants every success wants a recovery, too."""
    return event in channel.on or (event == "recovery" and "success" in channel.on)


def started(channel: Channel, run_id: str, now: datetime) -> Owed:
    """The ping of a run's beginning."""
    return owed(channel, f"{HEARTBEAT}.start", {"run_id": run_id, "ping": "start"}, now, timedelta(0))


def owed(channel: Channel, event: str, data: Message, now: datetime, worth: timedelta) -> Owed:
    """One message; its id is that of the run, the event and the channel, so that nobody hears of it twice."""
    to = json.dumps(channel.plain(), sort_keys=True)
    run_id = str(data["run_id"])
    id = "msg_" + hashlib.sha256("\0".join((run_id, event, to)).encode()).hexdigest()[:32]
    return Owed(id, run_id, event, to, json.dumps(data), now, now + worth, now)
