"""When playbooks run by themselves: times by cron expressions and zones, windows without runs, other schedulers' files.

What is here is pure; the only one that knows cron expressions is ``cron``.
"""
