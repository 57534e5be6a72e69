"""What channels keep out of ``pmx.yaml``: looked up when something is to be sent, and told to the redactor before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from runner.address import url_problem
from runner.errors import PmxError
from runner.redact import Secret
from runner.settings.channels import SECRETS, Channel

_LARGEST = 16 * 1024


class Undelivered(PmxError):
    """A message did not arrive, as far as can be known; the text says why and holds no secret."""


def value_of(channel: Channel, name: str, environ: Mapping[str, str]) -> str:
    """The text of ``name`` (one of ``SECRETS``), empty if none is given; raises ``Undelivered`` if it can't be had."""
    variable, file = getattr(channel, f"{name}_env", ""), getattr(channel, f"{name}_file", "")
    if variable:
        text = environ.get(variable, "").strip()
        if not text:
            raise Undelivered(f"the environment variable {variable} is not set")
        return text
    return _content(Path(channel.folder) / Path(file).expanduser()) if file else str(getattr(channel, name, ""))


def address_of(channel: Channel, environ: Mapping[str, str]) -> str:
    """Where a channel's messages go; raises ``Undelivered`` for what is no address of https."""
    url = value_of(channel, "url", environ)
    wrong = url_problem(url, query=True)
    if wrong:
        raise Undelivered(f"the address from {channel.url_env or channel.url_file or 'pmx.yaml'} {wrong}")
    return url


def secrets_of(channels: Iterable[Channel], environ: Mapping[str, str]) -> Iterator[Secret]:
    """Everything of these channels that no output may show, as far as it can be had."""
    for channel in channels:
        for name in SECRETS:
            if getattr(channel, f"{name}_env", "") or getattr(channel, f"{name}_file", ""):
                yield from map(Secret, _parts(channel, name, environ))


def _parts(channel: Channel, name: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The whole, and of an address what stands behind its host: errors of libraries may show that alone."""
    try:
        text = value_of(channel, name, environ)
    except Undelivered:
        return
    yield text
    if name == "url":
        parts = urlsplit(text)
        yield from (each for each in (parts.path.strip("/"), parts.query) if each)


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Undelivered(f"the file {path} can't be read") from error
    if not text:
        raise Undelivered(f"the file {path} is empty")
    return text
