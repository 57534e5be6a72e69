"""Which folders last: told by the volume that they lie on, else by where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli.volumes import Mount, mount_of, mounts_in, passing

MOUNTED = """\
21 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - overlay overlay rw,lowerdir=/a
28 27 0:27 / /dev/shm rw,relatime shared:4 - tmpfs tmpfs rw
29 27 254:1 / /var/lib/pmx rw,relatime - ext4 /dev/vdb rw
30 27 254:1 / /mnt/my\\040disk rw,relatime - xfs /dev/vdc rw
31 29 0:30 / /var/lib/pmx/quick rw,relatime - ramfs ramfs rw
not a line of it
"""


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("/home/me/.local/state/pmx", "/ is a container's own layer (overlay), and is gone with the container"),
        ("/dev/shm/pmx", "/dev/shm is a tmpfs: it lies in memory, and is gone with the next start of the machine"),
        ("/var/lib/pmx", ""),
        ("/var/lib/pmxx", "/ is a container's own layer (overlay), and is gone with the container"),
        ("/mnt/my disk/pmx", ""),
        ("/var/lib/pmx/quick", ("/var/lib/pmx/quick is a ramfs: it lies in memory, and is gone with the next start of "
         "the machine")),
    ],
)  # fmt: skip
def test_the_innermost_volume_counts(folder: str, why: str) -> None:
    """A container's own layer and memory go; a volume stays."""
    assert passing(Path(folder), tuple(mounts_in(MOUNTED))) == why


def test_of_several_volumes_at_one_place_the_last_counts() -> None:
    """It hides the others."""
    here = Path("/data")
    assert mount_of(here, (Mount(here, "ext4"), Mount(here, "tmpfs"))) == Mount(here, "tmpfs")


@pytest.mark.parametrize(
    ("folder", "named"),
    [("/tmp/pmx", "/tmp"), ("/run/user/1/pmx", "/run"), ("/home/me/pmx", "")],
)
def test_where_no_volume_is_told_the_place_counts(folder: str, named: str) -> None:
    """On systems that don't tell of their volumes in Linux's form."""
    assert passing(Path(folder), ()).partition(" ")[0] == named
