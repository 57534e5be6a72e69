"""``pmx-run schedule``: when playbooks run by themselves, and what makes them run."""

from runner.cli.schedule.command import SUMMARY, add_arguments, run

__all__ = ["SUMMARY", "add_arguments", "run"]
