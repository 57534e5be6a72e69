"""The page of exit codes; a test holds it against the codes that there are."""

from __future__ import annotations

from handbook.reference.writing import page, table

MEANINGS = {
    0: ("passed", "Nothing."),
    1: ("a check failed, or the exchange refused something", "Read the step's `expected`, `because` and `help`."),
    2: (
        "the command line, the settings or the playbook is wrong; nothing was sent",
        "Mend what the message points at; all mistakes are told at once.",
    ),
    3: (
        "it could not be carried out: no answer, no credentials accepted, the exchange is down",
        "`pmx-run doctor`, then run it again.",
    ),
    4: (
        "**in doubt**: an order's fate or an owed cleanup could not be settled",
        "[A person must look](../how-to/in-doubt.md): `pmx-run history --in-doubt`.",
    ),
    5: (
        "refused by a limit, a pin, the production gate or `pmx-run halt`; nothing beyond it was sent",
        "The message names the limit, the value and the line. Raise the limit only if you mean it.",
    ),
    75: (
        "another run of the same playbook is under way; nothing was sent",
        "Wait; the message names the other process.",
    ),
    129: ("ended by SIGHUP (a terminal that was closed), cleanups done", "Nothing is left; run it again."),
    130: ("interrupted by Ctrl-C, cleanups done", "Nothing is left; run it again."),
    143: ("ended by SIGTERM, cleanups done", "Nothing is left; run it again."),
}


def text() -> str:
    """The page."""
    return page(
        "Exit codes",
        "What `pmx-run` returns, and what to do.",
        table(("code", "meaning", "what to do"), ((str(each), *told) for each, told in MEANINGS.items())),
        "With several playbooks, one that is wrong (2) stops all of them before any starts; else the gravest\n"
        "counts, in the sequence 4, a signal, 5, 75, 2, 3, 1, 0. A second signal stops waiting: what is owed then\n"
        "stays owed, and the code is 4.",
        "A report that can't be written is told on stderr, and leaves a run's code as it is: whoever runs it\n"
        "again for that sends everything again. `pmx-run report`, which writes it later, ends with 3 then.",
    )
