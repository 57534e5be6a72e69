"""The four layers, and the look-up of one key through them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from runner.frozen import frozen
from runner.settings.model import BUILT_IN, ConfigFile, Options, Plain, Setting

VARIABLES = {
    "environment": "PMX_ENV",
    "base_url": "PMX_BASE_URL",
    "auth_url": "PMX_AUTH_URL",
    "audience": "PMX_AUDIENCE",
    "client_id": "PMX_CLIENT_ID",
    "private_key_path": "PMX_PRIVATE_KEY_PATH",
    "private_key": "PMX_PRIVATE_KEY",
    "participant_id": "PMX_PARTICIPANT_ID",
    "account": "PMX_ACCOUNT",
    "state_dir": "PMX_STATE_DIR",
}
_OPTIONS = {"participant_id": "participant", "account": "account", "state_dir": "state_dir"}
_SHARED = frozenset({"state_dir", "ca_bundle", "reconcile_window", "resume_within", "retention", "notify"})
DEFAULT_ENVIRONMENT = "sandbox"
_SECONDS = {"reconcile_window": Decimal(20), "resume_within": Decimal(300)}
_DAYS = 400


def _venue(name: str) -> dict[str, Plain]:
    """Addresses of an environment of the venue; docs.polymarket.us: trader-guide/environments."""
    return {
        "base_url": f"https://api.{name}.polymarketexchange.com",
        "auth_url": f"https://pmx-{name}.us.auth0.com/oauth/token",
    }


BUILT_IN_ENVIRONMENTS: Mapping[str, Mapping[str, Plain]] = {
    "sandbox": {},
    "preprod": _venue("preprod"),
    "prod": _venue("prod"),
}


def variable(environ: Mapping[str, str], key: str) -> Setting[str] | None:
    """The environment variable of ``key``; one that is set to nothing counts as not set."""
    name = VARIABLES.get(key, "")
    text = environ.get(name, "")
    return Setting(text, f"environment variable {name}") if text else None


@frozen
class Layers:
    """Where the settings of one environment may stand."""

    file: ConfigFile | None
    environ: Mapping[str, str]
    options: Options
    environment: str

    def find(self, key: str) -> Setting[Plain] | None:
        """The value of ``key`` from the highest layer that has one."""
        return self.option(key) or variable(self.environ, key) or self.written(key) or self._built_in(key)

    def option(self, key: str) -> Setting[Plain] | None:
        """What the command line says."""
        name = _OPTIONS.get(key)
        value = getattr(self.options, name) if name else None
        return None if value is None else Setting(value, f"--{name}".replace("_", "-"))

    def written(self, key: str) -> Setting[Plain] | None:
        """What ``pmx.yaml`` says: under the environment's name, else (for some keys) at its top."""
        if self.file is None:
            return None
        here = self.file.environments.get(self.environment, {}).get(key)
        return here or (self.file.top.get(key) if key in _SHARED else None)

    def _built_in(self, key: str) -> Setting[Plain] | None:
        if key == "retention":
            return Setting(_DAYS)
        if key in _SECONDS:
            return Setting(_SECONDS[key])
        value = BUILT_IN_ENVIRONMENTS.get(self.environment, {}).get(key)
        return None if value is None else Setting(value, BUILT_IN)

    def text(self, key: str) -> Setting[str] | None:
        """A value that is a text."""
        found = self.find(key)
        return None if found is None else Setting(str(found.value), found.origin, found.span)

    def url(self, key: str) -> Setting[str] | None:
        """An address, without the slash that it may end with."""
        found = self.text(key)
        return None if found is None else Setting(found.value.rstrip("/"), found.origin, found.span)

    def path(self, key: str) -> Setting[Path] | None:
        """A path; one that is written in ``pmx.yaml`` starts at that file's folder."""
        found = self.text(key)
        if found is None:
            return None
        path = Path(found.value).expanduser()
        start = self.file.folder if self.file is not None and found.span is not None else Path()
        return Setting(start / path, found.origin, found.span)
