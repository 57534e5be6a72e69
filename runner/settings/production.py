"""Real money or not: decided by the host, whatever an environment is called."""

from __future__ import annotations

from runner.address import host_of, is_loopback
from runner.settings.model import Settings

_NOT_PRODUCTION = frozenset({"api.preprod.polymarketexchange.com"})


def production(settings: Settings) -> bool:
    """Whether these settings have to pass the production gate.

    They have to when ``pmx.yaml`` marks them ``production: true`` (a rehearsal), and for every base URL that is
    neither loopback nor a built-in non-production host nor marked ``production: false``. Built-in hosts:
    docs.polymarket.us: trader-guide/environments.
    """
    mark = settings.marked_production
    if mark is not None:
        return mark.value
    if settings.base_url is None or is_loopback(settings.base_url.value):
        return False
    return host_of(settings.base_url.value) not in _NOT_PRODUCTION
