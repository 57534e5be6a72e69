"""A CronJob of Kubernetes for each schedule, and the volume that their journal is kept on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from runner.schedule.cron import WrongCron, fields
from runner.schedule.crontab import Call, five

PROJECT = "/project"
STATE = "/state/pmx"
"""In the image and on the volume."""

_KEY = "private_key.pem"
_USER = 10001
_RESOURCES = {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}}
_CLAIM = "pmx-state"
_LOCKED: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def manifests(calls: Sequence[Call], image: str) -> list[dict[str, Any]]:
    """The claim of the volume, then a CronJob each; raises ``WrongCron`` for what Kubernetes reads otherwise."""
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": _CLAIM},
        # the journal's locks hold on a disk of one machine; those of network disks lie
        "spec": {"accessModes": ["ReadWriteOncePod"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    return [claim, *(_cron_job(call, image) for call in calls)]


def text_of(documents: Sequence[Mapping[str, Any]]) -> str:
    """The documents as YAML, of which JSON is a part."""
    head = "# Written by `pmx-run schedule write kubernetes`; no secret is in it.\n"
    return head + "".join(f"---\n{json.dumps(each, indent=2)}\n" for each in documents)


def _cron_job(call: Call, image: str) -> dict[str, Any]:
    schedule = call.schedule
    _check_days(schedule.cron)
    spec = {
        "schedule": five(schedule.cron),
        "timeZone": schedule.timezone,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": int(schedule.late.total_seconds()),
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        # a run that failed is looked at, and never simply begun again
        "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": _pod(call, image)}}},
    }
    name = {"name": f"pmx-{schedule.name}"}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": name, "spec": spec}


def _check_days(cron: str) -> None:
    """Kubernetes takes ``*/2`` for a restricted field, so that one of the two days is enough; others want both."""
    found = fields(cron)
    starred = [index for index in (2, 4) if found.starred(index) and found.written[index] != "*"]
    if starred and any(found.written[index] != "*" for index in (2, 4) if index != starred[0]):
        raise WrongCron("Kubernetes reads a day of month and a weekday with `*/` otherwise than cron")


def _pod(call: Call, image: str) -> dict[str, Any]:
    state = {"name": "state", "mountPath": "/state"}
    runner: dict[str, Any] = {
        "name": "pmx-run",
        "image": image,
        "args": list(call.words),
        "workingDir": PROJECT,
        "env": [{"name": "PMX_STATE_DIR", "value": STATE}],
        "securityContext": _LOCKED,
        "resources": _RESOURCES,
        "volumeMounts": [state, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - an empty volume of its own
    }
    volumes: list[dict[str, Any]] = [
        {"name": "state", "persistentVolumeClaim": {"claimName": _CLAIM}},
        {"name": "tmp", "emptyDir": {}},
    ]
    pod: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 60,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [runner],
        "volumes": volumes,
    }
    if call.environment:
        _add_key(pod, image, "pmx-" + re.sub("[^a-z0-9]+", "-", call.environment.lower()).strip("-"))
    return pod


def _add_key(pod: dict[str, Any], image: str, secret: str) -> None:
    """The private key of a mounted secret as a file for its owner alone; the mounted one its group can read, too."""
    runner = pod["containers"][0]
    runner["env"].append({"name": "PMX_PRIVATE_KEY_PATH", "value": f"/key/{_KEY}"})
    runner["volumeMounts"].append({"name": "key", "mountPath": "/key", "readOnly": True})
    pod["initContainers"] = [
        {
            "name": "key",
            "image": image,
            "command": ["install", "-m", "600", f"/secret/{_KEY}", f"/key/{_KEY}"],
            "securityContext": _LOCKED,
            "resources": _RESOURCES,
            "volumeMounts": [
                {"name": "secret", "mountPath": "/secret", "readOnly": True},
                {"name": "key", "mountPath": "/key"},
            ],
        }
    ]
    pod["volumes"] += [
        {"name": "secret", "secret": {"secretName": secret, "defaultMode": 0o440}},
        {"name": "key", "emptyDir": {"medium": "Memory"}},
    ]
