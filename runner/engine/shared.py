"""What a run shares with all other runs of its machine: the day's orders of a firm, and the kill switch."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Protocol


class Shared(Protocol):
    """One venue, as all runs of this machine know it together."""

    def turn(self) -> AbstractContextManager[None]:
        """Within the block no other run counts or records an order."""
        ...

    def others_today(self, clord_id: str, firm: str, now: datetime) -> tuple[int, Decimal]:
        """Orders of a firm in the venue's trade day besides this one, and the dollars at risk in them."""
        ...

    def halted_since(self) -> datetime | None:
        """Since when new orders are refused here (``pmx-run halt``), None if they are not."""
        ...
