"""The sandbox with a clock that stands at a moment: its time (ISO 8601), then the sandbox's own options."""

from __future__ import annotations

import sys
from datetime import datetime
from unittest.mock import patch

from runner.sandbox.__main__ import main
from runner.sandbox.exchange.clock import SystemClock

if __name__ == "__main__":
    start = datetime.fromisoformat(sys.argv[1])
    with patch.object(SystemClock, "now", lambda _: start):
        sys.exit(main(sys.argv[2:]))
