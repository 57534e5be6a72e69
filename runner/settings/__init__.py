"""Settings with provenance: built-in < ``pmx.yaml`` < environment variables < options.

``gather`` merges the four layers and tells every problem it finds; ``resolve`` is the same for those who can't go on
with a problem. Afterwards nobody asks where a value may have to be looked for: ``Settings`` is flat and frozen.
"""

from runner.settings.channels import Channel
from runner.settings.model import ConfigFile, LimitSettings, Options, PinSettings, Setting, Settings
from runner.settings.production import production
from runner.settings.resolve import gather, resolve, with_embedded
from runner.settings.state import state_folder, state_path

__all__ = [
    "Channel",
    "ConfigFile",
    "LimitSettings",
    "Options",
    "PinSettings",
    "Setting",
    "Settings",
    "gather",
    "production",
    "resolve",
    "state_folder",
    "state_path",
    "with_embedded",
]
