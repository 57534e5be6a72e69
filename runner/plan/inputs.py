"""Inputs: what the caller handed in, as typed values; every problem with them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.playbook.inputs import accept
from runner.playbook.model import Input
from runner.redact import Secret
from runner.source import Source
from runner.value import WrongValue

VARIABLE = "PMX_INPUT_"
_WRITTEN_AS_YAML = frozenset({"integer", "decimal", "boolean", "list", "object"})


@frozen
class Given:
    """Where inputs may come from: ``-i``, a file (already plain data), the environment, and a person.

    ``ask`` asks for a secret on a terminal; None where nobody can be asked.
    """

    options: Mapping[str, str]
    file: Mapping[str, object]
    file_name: str
    environ: Mapping[str, str]
    ask: Callable[[str], str] | None = None


def resolve_inputs(declared: tuple[Input, ...], given: Given) -> dict[str, object]:
    """The value of every input: ``-i`` before the file before the environment before its default.

    Raises ``WrongInput`` with all that is missing, unknown or not of its type.
    """
    problems = list(_unknown(declared, given))
    values: dict[str, object] = {}
    for wanted in declared:
        try:
            values[wanted.name] = _value(wanted, given)
        except WrongInput as wrong:
            problems += (each for each in wrong.diagnostics if isinstance(each, Diagnostic))
    if problems:
        raise WrongInput(problems)
    return values


def unknown_variables(declared: tuple[Input, ...], environ: Mapping[str, str]) -> Iterator[Diagnostic]:
    """A warning for each ``PMX_INPUT_…`` that no input is called by."""
    known = {VARIABLE + wanted.name.upper() for wanted in declared}
    for name in sorted(environ):
        if name.startswith(VARIABLE) and name not in known:
            yield Diagnostic(
                f"`{name}` is set, and this playbook has no such input", help=nearest(name, known), severity="warning"
            )


def _unknown(declared: tuple[Input, ...], given: Given) -> Iterator[Diagnostic]:
    known = [wanted.name for wanted in declared]
    listed = f"it has: {', '.join(known)}" if known else "it has none"
    for where, names in (("-i", given.options), (given.file_name, given.file)):
        for name in names:
            if name not in known:
                yield Diagnostic(
                    f"unknown input `{name}` ({where})", help=nearest(name, known) or f"the playbook's inputs: {listed}"
                )


def _value(wanted: Input, given: Given) -> object:
    if wanted.secret:
        return _secret(wanted, given)
    variable = VARIABLE + wanted.name.upper()
    if wanted.name in given.options:
        return _from_text(wanted, given.options[wanted.name], "-i")
    if wanted.name in given.file:
        return _accepted(wanted, given.file[wanted.name], given.file_name)
    if variable in given.environ:
        return _from_text(wanted, given.environ[variable], f"environment variable {variable}")
    if wanted.has_default:
        return wanted.default
    raise _wrong(f"input `{wanted.name}` is missing", f"give -i {wanted.name}=…, or set {variable}")


def _secret(wanted: Input, given: Given) -> Secret:
    """A secret never comes from ``-i``: others see a command line."""
    variable = VARIABLE + wanted.name.upper()
    if wanted.name in given.options:
        raise _wrong(
            f"`{wanted.name}` is a secret and can't be given by -i, where others see it",
            f"set {variable}, or put it into a file that only you can read and give --inputs FILE",
        )
    if wanted.name in given.file:
        text = given.file[wanted.name]
    elif variable in given.environ:
        text = given.environ[variable]
    elif given.ask is not None:
        text = given.ask(wanted.name)
    else:
        raise _wrong(f"secret input `{wanted.name}` is missing", f"set {variable}, or give --inputs FILE")
    if not isinstance(text, str) or not text:
        raise _wrong(f"secret input `{wanted.name}` must be a text that is not empty")
    return Secret(text)


def _from_text(wanted: Input, text: str, where: str) -> object:
    """A text from the command line or the environment, read by the input's type."""
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise _wrong(f"input `{wanted.name}` ({where}) is not UTF-8", "look at the terminal's or the script's encoding")
    if wanted.type not in _WRITTEN_AS_YAML:
        return _accepted(wanted, text, where)
    from runner.playbook.reader import read

    return _accepted(wanted, read(Source(f"{where} {wanted.name}", text)).plain(), where)


def _accepted(wanted: Input, value: object, where: str) -> object:
    try:
        accepted: object = accept(wanted, value)
    except WrongValue as wrong:
        raise _wrong(f"input `{wanted.name}` ({where}): {wrong}", wanted.description) from None
    return accepted


def _wrong(title: str, help: str = "") -> WrongInput:
    return WrongInput([Diagnostic(title, help=help)])
