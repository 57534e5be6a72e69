"""From settings to what the venue's client signs in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.redact import Secret
from runner.settings import Settings

if TYPE_CHECKING:
    from runner.venue.auth import Credentials
    from runner.venue.keys import KeySource


def credentials(settings: Settings) -> Credentials:
    """Who we are; only for settings without a problem, the embedded exchange's values filled in."""
    from runner.venue.auth import Credentials
    from runner.venue.pins import Pins

    assert settings.client_id and settings.auth_url and settings.audience  # noqa: S101, PT018 - `resolve` saw to it
    return Credentials(
        client_id=settings.client_id.value,
        key=key_source(settings),
        auth_url=settings.auth_url.value,
        audience=settings.audience.value,
        pins=Pins(settings.pins),
    )


def check_key_file(settings: Settings) -> None:
    """Whether the key's file is there and nobody else can read it; raises ``WrongInput``.

    Whether it is a key is seen when it signs, since to load one takes longer than all else before the first request.
    """
    if not settings.embedded:
        key_source(settings).read()


def key_source(settings: Settings) -> KeySource:
    """Where the settings keep the private key; raises ``WrongInput`` if they have none."""
    from runner.venue.keys import KeyFile, KeyText

    if settings.private_key is None:
        title = f"environment `{settings.environment.value}` has no private key"
        raise WrongInput([Diagnostic(title, help="set PMX_PRIVATE_KEY_PATH, or name a file")])
    key = settings.private_key.value
    return KeyText(key) if isinstance(key, Secret) else KeyFile(key)
