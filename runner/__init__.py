"""pmx-run: YAML playbooks against the Polymarket US exchange."""

__version__ = "0.1.0"
