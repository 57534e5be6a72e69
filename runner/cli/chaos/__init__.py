"""``pmx-run chaos PLAYBOOK``: does a run keep its promises wherever its process dies, and whatever answer is lost?"""

from runner.cli.chaos.command import SUMMARY, add_arguments, run

__all__ = ["SUMMARY", "add_arguments", "run"]
