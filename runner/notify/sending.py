"""One message on its way by one channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from runner.frozen import frozen
from runner.notify.message import Message
from runner.settings.channels import Channel


@frozen
class Sending:
    """``id`` is the same at every try, ``at`` is now, ``seconds`` is all the time there is."""

    channel: Channel
    id: str
    data: Message
    at: datetime
    seconds: float
    environ: Mapping[str, str]
