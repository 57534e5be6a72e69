"""A service and a timer of systemd for a schedule (systemd.timer(5), systemd.time(7), systemd.exec(5))."""

from __future__ import annotations

from collections.abc import Iterator

from runner.schedule.cron import Fields, fields
from runner.schedule.crontab import Call

_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_SERVICE = """\
[Unit]
Description=pmx-run: {name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
WorkingDirectory={folder}
ExecStart={command}
# The cleanups of a run that is stopped take 45 s at most; the signal goes to pmx-run alone.
TimeoutStopSec=60
KillMode=mixed
UMask=0077
# The only place that it may write to.
ReadWritePaths={state}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
"""
_TIMER = """\
[Unit]
Description=When pmx-run runs {name}: {cron} ({timezone})

[Timer]
{times}
# yes: what was missed while the machine was off is run once it is on; pmx-run refuses what is too late
Persistent={persistent}
AccuracySec=1s
Unit=pmx-{name}.service

[Install]
WantedBy=timers.target
"""


def units(call: Call, user: str) -> dict[str, str]:
    """The text of each unit by its file's name; raises ``WrongCron`` for what systemd doesn't know."""
    schedule = call.schedule
    service = _SERVICE.format(
        name=schedule.name,
        user=user,
        folder=_escaped(str(call.folder)),
        command=" ".join(map(_command, call.words)),
        state=_quoted(str(call.state)),
    )
    timer = _TIMER.format(
        name=schedule.name,
        cron=schedule.cron,
        timezone=schedule.timezone,
        times="\n".join(f"OnCalendar={each} {schedule.timezone}" for each in calendar(fields(schedule.cron))),
        persistent="yes" if schedule.within else "no",
    )
    return {f"pmx-{schedule.name}.service": service, f"pmx-{schedule.name}.timer": timer}


def calendar(found: Fields) -> Iterator[str]:
    """The expression as systemd writes it: two of them where day of month or weekday is enough."""
    months, hours, minutes = _list(found.months, 12), _list(found.hours, 24), _list(found.minutes, 60)
    days, weekdays = _list(found.days, 31), ",".join(_WEEKDAYS[each] for each in found.weekdays)
    weekday = "" if len(found.weekdays) == len(_WEEKDAYS) else f"{weekdays} "
    clock = f"{hours}:{minutes}:00"
    if found.days_and:
        yield f"{weekday}*-{months}-{days} {clock}"
    else:
        yield f"*-{months}-{days} {clock}"
        yield f"{weekday}*-{months}-* {clock}"


def _list(numbers: tuple[int, ...], whole: int) -> str:
    return "*" if len(numbers) == whole else ",".join(f"{each:02}" for each in numbers)


def _escaped(text: str) -> str:
    """For a setting that takes the rest of the line; ``%`` begins a specifier."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of a list; ``%`` begins a specifier."""
    escaped = _escaped(word).replace("\\", r"\\").replace('"', r"\"")
    return escaped if escaped == word and word and not set(word) & set(" '\t;") else f'"{escaped}"'


def _command(word: str) -> str:
    """A word of a command line, where ``$`` begins a variable."""
    return _quoted(word).replace("$", "$$")
