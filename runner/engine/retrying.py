"""How often something is tried again, after what, and how long to wait first."""

from __future__ import annotations

from random import Random

from runner.errors import ComeBackLater, Unreachable
from runner.frozen import frozen
from runner.playbook.model import RetryOn

_LONGEST_WAIT = 30.0
_WAIT_AFTER_429 = 1.0
_READS_AGAIN: tuple[RetryOn, ...] = ("unreachable", "rate_limited", "server_error")


@frozen
class Policy:
    """How often to try, how long to wait first (seconds), and for which reasons."""

    attempts: int
    backoff: float
    on: tuple[RetryOn, ...]

    def goes_on(self, attempt: int, reason: RetryOn | None) -> bool:
        """Whether another attempt follows on this one, which failed for ``reason``."""
        return reason in self.on and attempt < self.attempts

    def wait_after(self, attempt: int, error: Exception, random: Random) -> float:
        """Full jitter, doubled each time; what the venue asks for wins. In seconds."""
        most = min(self.backoff * 2 ** (attempt - 1), _LONGEST_WAIT)
        wait = random.uniform(0, most)
        if isinstance(error, Unreachable) and error.retry_after is not None:
            return max(error.retry_after, wait)
        return max(_WAIT_AFTER_429, wait) if isinstance(error, ComeBackLater) else wait


ONCE = Policy(1, 0.0, ())
DEFAULT_OF_READS = Policy(3, 1.0, _READS_AGAIN)
