"""Run one command and print what it took: seconds on the wall, and its largest memory in KiB.

A program of its own, and a small one: a child's peak memory is never counted below that of whoever started it, so a
large parent would hide what a small child takes. Started with ``python -I -S``.
"""

import json
import os
import sys
import time


def main() -> int:
    """Give the command's exit code; its standard output goes to a file, what was measured to ours."""
    output, *command = sys.argv[1:]
    redirect = [(os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=redirect)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "kib": usage.ru_maxrss}, sys.stdout)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
