"""What a page shows of a command's output against what it printed: times, ids and addresses may differ."""

from __future__ import annotations

import re

_DIFFERING = (
    (r"(?m)^ +! state .*\n +.*= help: .*\n", ""),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d| UTC)?", "<moment>"),
    (r"\b\d{4}-\d\d-\d\d\b", "<day>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\b\d{8}T\d{6}Z-[0-9a-f]+\b", "<run>"),
    (r"\b[0-9A-HJKMNP-TV-Z]{12,13}\b", "<order>"),
    (r"\b(\d+ min )?\d[\d,]*(\.\d+)? (ms|s|seconds)\b", "<time>"),
    (r"\b(127\.0\.0\.1|localhost):\d+", "<address>"),
    (r"SHA256:[0-9A-Fa-f:]+", "<fingerprint>"),
    (r"(sha256:)?\b[0-9a-f]{64}\b", "<hash>"),
    (r"(?<=process )\d+", "<pid>"),
    (r"/tmp/[\w./-]+/private_key.pem", "<key>"),
    (r"<time> (ahead of|behind) the", "<time> off the"),
    (r"good until \S+", "good until <day>"),
    (r"-{2,}", "--"),
    (r"(?<=\S) {2,}", "  "),
)


def normal(text: str) -> list[str]:
    """The lines of a text with what differs between two runs taken out."""
    for pattern, word in _DIFFERING:
        text = re.sub(pattern, word, text)
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def agrees(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed; a line `…` stands for any number of lines, within a line for any text."""
    parts = [["^"]]
    for line in normal(shown):
        if line.strip() == "…":
            parts.append([])
        else:
            parts[-1].append(line)
    parts[-1].append("$")
    return _in_sequence(parts, ["^", *normal(printed), "$"])


def _alike(shown: list[str], printed: list[str]) -> bool:
    return all(
        one == other or ("…" in one and re.fullmatch(re.escape(one).replace("…", ".*"), other))
        for one, other in zip(shown, printed, strict=True)
    )


def _in_sequence(parts: list[list[str]], lines: list[str]) -> bool:
    at = 0
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        start = max(at, len(lines) - len(part)) if last else at
        where = (
            each for each in range(start, len(lines) - len(part) + 1) if _alike(part, lines[each : each + len(part)])
        )
        found = next(where, None)
        if found is None or (number == 0 and found != 0):
            return False
        at = found + len(part)
    return at == len(lines) if parts else False
