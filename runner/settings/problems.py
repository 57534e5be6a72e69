"""What can be wrong with settings that were merged, as diagnostics: all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from runner.address import is_loopback, shown, url_problem
from runner.diagnostic import Diagnostic, in_sequence, nearest
from runner.settings.layers import BUILT_IN_ENVIRONMENTS, DEFAULT_ENVIRONMENT, VARIABLES, Layers, variable
from runner.settings.model import Setting, Settings

_CLOSE = 0.75
_PREFIX = "PMX_"
_NEEDED = {
    "base_url": "base_url",
    "auth_url": "auth_url",
    "client_id": "client_id",
    "private_key": "private_key_path",
    "participant": "participant_id",
}
_OF_A_PARTNER = ("auth_url", "audience", "client_id", "private_key_path", "private_key", "participant_id", "account")


def problems_of(settings: Settings, layers: Layers) -> tuple[Diagnostic, ...]:
    """Everything that keeps ``settings`` from being used."""
    found = [*_two_keys(layers), *_addresses(settings, layers), *_texts(settings, layers)]
    if not settings.embedded or settings.environment.value != DEFAULT_ENVIRONMENT:
        found += _missing(settings, layers)
    return tuple(in_sequence(found))


def missing_keys(settings: Settings) -> list[str]:
    """What a run of somebody's own needs and has not been given, by the keys of ``pmx.yaml``."""
    return [key for attribute, key in _NEEDED.items() if getattr(settings, attribute) is None]


def unknown_variables(environ: Mapping[str, str]) -> Iterator[Diagnostic]:
    """A warning for each variable whose name is a slip of one that is read; other ``PMX_`` names may be anybody's."""
    known = {name.removeprefix(_PREFIX): name for name in VARIABLES.values()}
    for name in sorted(environ):
        if not name.startswith(_PREFIX) or name.startswith("PMX_INPUT_") or name in known.values():
            continue
        close = difflib.get_close_matches(name.removeprefix(_PREFIX), known, n=1, cutoff=_CLOSE)
        if close:
            title = f"environment variable `{name}` is not used"
            yield Diagnostic(title, help=f"did you mean `{known[close[0]]}`?", severity="warning")


def unvouched_mark(layers: Layers, base_url: Setting[str] | None) -> Diagnostic | None:
    """A warning when ``production: false`` was said of another address than the one in use.

    The mark vouches for the ``base_url`` that is written beside it, not for one that a variable puts in its place.
    """
    mark, beside = layers.written("production"), layers.written("base_url")
    if mark is None or mark.value or base_url is None:
        return None
    if beside is not None and str(beside.value).rstrip("/") == base_url.value:
        return None
    title = f"`production: false` is not used: base_url comes from another place ({base_url.origin})"
    help = "write the base_url that the mark is meant for beside it"
    return _at(mark, layers, title, "says nothing about that address", help, severity="warning")


def unused_by_embedded(layers: Layers) -> Diagnostic | None:
    """A warning when somebody's own credentials are there, but the run goes to the embedded exchange."""
    found = {key: variable(layers.environ, key) or layers.written(key) for key in _OF_A_PARTNER}
    used = {key for key in ("participant_id", "account") if layers.written(key)}
    used |= {"private_key_path", "private_key"} if layers.options.signing else set()
    names = [_name_of(key, each) for key, each in found.items() if each is not None and key not in used]
    if not names:
        return None
    title = f"not used by the embedded exchange, which has its own: {', '.join(names)}"
    help = "for another environment say so: --env preprod"
    return Diagnostic(title, help=help, severity="warning")


def _name_of(key: str, setting: Setting[Any]) -> str:
    return VARIABLES[key] if setting.span is None else f"{key} ({setting.origin})"


def _two_keys(layers: Layers) -> Iterator[Diagnostic]:
    if variable(layers.environ, "private_key") and variable(layers.environ, "private_key_path"):
        yield Diagnostic("PMX_PRIVATE_KEY and PMX_PRIVATE_KEY_PATH are both set", help="unset one of them")


def _addresses(settings: Settings, layers: Layers) -> Iterator[Diagnostic]:
    for key, address in (("base_url", settings.base_url), ("auth_url", settings.auth_url)):
        if address is not None and (wrong := url_problem(address.value)):
            yield _of(key, address, layers, wrong)
    base, name = settings.base_url, settings.environment.value
    if base is None or url_problem(base.value):
        return
    if name == DEFAULT_ENVIRONMENT and not is_loopback(base.value):
        help = "name the environment that it belongs to: --env preprod"
        yield _of("base_url", base, layers, "is not on this machine, and environment `sandbox` is", help)
    if name == "prod" and is_loopback(base.value):
        help = "for a local exchange: --env sandbox, or an environment of your own"
        yield _of("base_url", base, layers, "is on this machine, and environment `prod` never is", help)


def _texts(settings: Settings, layers: Layers) -> Iterator[Diagnostic]:
    """Values that end up in a header or a claim."""
    texts = {"audience": settings.audience, "client_id": settings.client_id}
    texts |= {"environment": settings.environment, "participant_id": settings.participant, "account": settings.account}
    for key, text in texts.items():
        if text is not None and not _sendable(text.value):
            yield _of(key, text, layers, "must be printable ASCII without spaces at its ends")


def _sendable(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip() and bool(text)


def _missing(settings: Settings, layers: Layers) -> list[Diagnostic]:
    """One diagnostic that names all that is missing, with both ways to give each."""
    keys = missing_keys(settings)
    if not keys:
        return []
    name = settings.environment.value
    file = layers.file.source.path if layers.file else "pmx.yaml"
    ways = [_way(key, name, file) for key in keys]
    known = {*BUILT_IN_ENVIRONMENTS, *(layers.file.environments if layers.file else ())}
    slip = "" if name in known else nearest(name, sorted(known))
    return [Diagnostic(f"environment `{name}` has no {_listed(keys)}", help="\n".join([slip, *ways] if slip else ways))]


def _way(key: str, environment: str, file: str) -> str:
    option = ", --participant" if key == "participant_id" else ""
    return f"{key}: set {VARIABLES[key]}{option} or `{key}` under `environments: {environment}:` in {file}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _of(key: str, setting: Setting[str], layers: Layers, wrong: str, help: str = "") -> Diagnostic:
    """A problem of one setting: drawn in ``pmx.yaml``, or with its origin named."""
    title = f"{key} {wrong}: {shown(setting.value)}"
    return _at(setting, layers, title if setting.span else f"{title} ({setting.origin})", "", help)


def _at(setting: Setting[Any], layers: Layers, title: str, label: str, help: str, **more: Any) -> Diagnostic:
    if setting.span is None or layers.file is None:
        return Diagnostic(title, help=help, **more)
    excerpt = layers.file.source.line(setting.span.line)
    return Diagnostic(title, label, setting.span, help, excerpt, **more)
