"""The least that a loop of calls can be with requests: one Session, GET, decode. Prints its own seconds."""

from __future__ import annotations

import os
import sys
import time

import requests


def main() -> None:
    """As many GETs of ``/v1/whoami`` as the command line says."""
    url = f"{os.environ['PMX_BASE_URL']}/v1/whoami"
    headers = {"Authorization": "Bearer a-token", "x-participant-id": os.environ["PMX_PARTICIPANT_ID"]}
    with requests.Session() as session:
        began = time.perf_counter()
        for _ in range(int(sys.argv[1])):
            session.get(url, headers=headers).json()
        print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
