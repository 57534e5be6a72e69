"""From the four layers to ``Settings``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.redact import Secret
from runner.settings.channels import Channel
from runner.settings.layers import DEFAULT_ENVIRONMENT, VARIABLES, Layers, variable
from runner.settings.model import (
    EMBEDDED,
    LIMIT_KEYS,
    ConfigFile,
    LimitSettings,
    Options,
    PinSettings,
    Plain,
    Setting,
    Settings,
)
from runner.settings.problems import problems_of, unknown_variables, unused_by_embedded, unvouched_mark

_RATES = "rates."


def resolve(file: ConfigFile | None, environ: Mapping[str, str], options: Options) -> Settings:
    """The settings; raises ``WrongInput`` with all that is wrong or missing in them."""
    settings, problems = gather(file, environ, options)
    if problems:
        raise WrongInput(problems)
    return settings


def gather(
    file: ConfigFile | None, environ: Mapping[str, str], options: Options
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """The settings as far as they are known, and all that is wrong or missing in them."""
    environment = _environment(file, environ, options)
    layers = Layers(file, environ, options, environment.value)
    settings = _merged(layers, environment)
    return settings, problems_of(settings, layers)


def with_embedded(settings: Settings, variables: Mapping[str, str]) -> Settings:
    """``settings`` for the embedded exchange that printed ``variables`` (names as in the environment)."""

    def said(name: str) -> Setting[str]:
        return Setting(variables[name], EMBEDDED)

    return replace(
        settings,
        base_url=said("PMX_BASE_URL"),
        auth_url=said("PMX_AUTH_URL"),
        audience=said("PMX_AUDIENCE"),
        client_id=said("PMX_CLIENT_ID"),
        private_key=Setting(Path(variables["PMX_PRIVATE_KEY_PATH"]), EMBEDDED),
        participant=settings.participant or said("PMX_PARTICIPANT_ID"),
        account=settings.account or said("PMX_ACCOUNT"),
    )


def _environment(file: ConfigFile | None, environ: Mapping[str, str], options: Options) -> Setting[str]:
    if options.environment is not None:
        return Setting(options.environment, "--env")
    written = file.top.get("environment") if file else None
    found = variable(environ, "environment") or written or Setting(DEFAULT_ENVIRONMENT)
    return Setting(str(found.value), found.origin, found.span)


def _merged(layers: Layers, environment: Setting[str]) -> Settings:
    base_url = layers.url("base_url")
    embedded = environment.value == DEFAULT_ENVIRONMENT and base_url is None
    settings = Settings(
        environment=environment,
        named=environment.origin in {"--env", f"environment variable {VARIABLES['environment']}"},
        base_url=base_url,
        reconcile_window=_seconds(layers, "reconcile_window"),
        resume_within=_seconds(layers, "resume_within"),
        retention=_days(layers, "retention"),
        marked_production=_mark(layers, base_url),
        ca_bundle=layers.path("ca_bundle"),
        state_dir=layers.path("state_dir"),
        limits=_limits(layers),
        rates=_rates(layers),
        pins=_pins(layers),
        notify=_notify(layers),
        schedules=layers.file.schedules if layers.file else {},
        config=Path(layers.file.source.path) if layers.file else None,
        warnings=_warnings(layers, base_url, embedded),
    )
    return _as_guest(settings, layers) if embedded else _as_somebody(settings, layers)


def _as_somebody(settings: Settings, layers: Layers) -> Settings:
    return replace(
        settings,
        auth_url=layers.url("auth_url"),
        audience=layers.text("audience") or settings.base_url,
        client_id=layers.text("client_id"),
        private_key=_private_key(layers),
        participant=layers.text("participant_id"),
        account=layers.text("account"),
    )


def _as_guest(settings: Settings, layers: Layers) -> Settings:
    """The embedded exchange has keys of its own: only who acts on it can be chosen, and only on purpose."""

    def chosen(key: str) -> Setting[str] | None:
        found = layers.option(key) or layers.written(key)
        return None if found is None else Setting(str(found.value), found.origin, found.span)

    guest = replace(settings, participant=chosen("participant_id"), account=chosen("account"))
    return replace(guest, own_key=_private_key(layers))


def _private_key(layers: Layers) -> Setting[Path | Secret] | None:
    pem = variable(layers.environ, "private_key")
    if pem is not None:
        return Setting(Secret(pem.value), pem.origin)
    path = layers.path("private_key_path")
    return None if path is None else Setting(path.value, path.origin, path.span)


def _seconds(layers: Layers, key: str) -> Setting[Decimal]:
    found = layers.find(key)
    assert found is not None and isinstance(found.value, Decimal)  # noqa: S101, PT018 - there is a built-in one
    return Setting(found.value, found.origin, found.span)


def _days(layers: Layers, key: str) -> Setting[int]:
    found = layers.find(key)
    assert found is not None and isinstance(found.value, int)  # noqa: S101, PT018 - there is a built-in one
    return Setting(found.value, found.origin, found.span)


def _mark(layers: Layers, base_url: Setting[str] | None) -> Setting[bool] | None:
    found = layers.written("production")
    if found is None or unvouched_mark(layers, base_url) is not None:
        return None
    return Setting(bool(found.value), found.origin, found.span)


def _limits(layers: Layers) -> tuple[LimitSettings, ...]:
    return tuple(stated for stated in map(_stated, _places(layers)) if stated != LimitSettings())


def _rates(layers: Layers) -> dict[str, Setting[str]]:
    return {
        key.removeprefix(_RATES): Setting(str(found.value), found.origin, found.span)
        for place in _places(layers)
        for key, found in place.items()
        if key.startswith(_RATES)
    }


def _places(layers: Layers) -> tuple[Mapping[str, Setting[Plain]], ...]:
    """Where ``pmx.yaml`` speaks of this environment, what is said of it alone last."""
    if layers.file is None:
        return ()
    return layers.file.top, layers.file.environments.get(layers.environment, {})


def _stated(place: Mapping[str, Setting[Plain]]) -> LimitSettings:
    found: dict[str, Any] = {name: place.get(key) for key, name in LIMIT_KEYS.items()}
    return LimitSettings(**found)


def _pins(layers: Layers) -> PinSettings:
    found: dict[str, Any] = {each.name: layers.written(f"pins.{each.name}") for each in fields(PinSettings)}
    return PinSettings(**found)


def _notify(layers: Layers) -> Setting[tuple[Channel, ...]] | None:
    """Whom to tell, with what they need to be told later, from another folder."""
    found = layers.written("notify")
    if found is None or layers.file is None:
        return None
    bundle, folder = layers.path("ca_bundle"), str(layers.file.folder)
    ca_bundle = str(bundle.value) if bundle else ""
    channels = (each for each in cast("tuple[Channel, ...]", found.value))
    whole = tuple(replace(each, folder=folder, ca_bundle=ca_bundle) for each in channels)
    return Setting(whole, found.origin, found.span)


def _unset(layers: Layers) -> Iterator[Diagnostic]:
    """A warning for each variable that a channel needs and that isn't there."""
    found = _notify(layers)
    for channel in found.value if found else ():
        for name in channel.variables():
            if not layers.environ.get(name):
                title = f"`notify` needs the environment variable {name}, which is not set"
                yield Diagnostic(title, help=f"until it is, nothing arrives: {channel}", severity="warning")


def _warnings(layers: Layers, base_url: Setting[str] | None, embedded: bool) -> tuple[Diagnostic, ...]:
    found = [*unknown_variables(layers.environ), unvouched_mark(layers, base_url), *_unset(layers)]
    if embedded:
        found.append(unused_by_embedded(layers))
    return tuple(each for each in found if each is not None)
