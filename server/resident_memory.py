"""The memory that the process takes of its machine, and the bound past which large bodies are refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from labelyard.domain.error import TooManyRequests

RETRY_SECONDS: Final = 5
# Where Linux says how much memory a container may have (version 2 and 1 of control groups); there is none elsewhere.
CONTAINER_LIMITS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
STATISTICS: Final = "/proc/self/statm"


class ResidentMemory:
    """What the process may take; 0 bytes mean three quarters of what its machine or container has."""

    def __init__(self, max_bytes: int = 0) -> None:
        self.max_bytes = max_bytes or available_bytes() * 3 // 4

    def require(self) -> None:
        """Refuse what takes much memory while the process takes more than it may."""
        taken = resident_bytes()
        if self.max_bytes and taken > self.max_bytes:
            raise TooManyRequests(
                f"The server takes {taken:,} bytes of memory, more than {self.max_bytes:,} (LABELYARD_MAX_RSS_BYTES), and reads no "
                "bodies above 1 MiB meanwhile; nothing was run, try again in a moment, or send fewer items at once.",
                retryAfterSeconds=RETRY_SECONDS,
            )


def resident_bytes() -> int:
    """The resident memory of this process; 0 where the system does not say."""
    try:
        return int(Path(STATISTICS).read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def available_bytes() -> int:
    """The memory of the machine, or of the container if that has less; 0 where the system does not say."""
    try:
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (OSError, ValueError):
        return 0
    for path in CONTAINER_LIMITS:
        try:
            found.append(int(Path(path).read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return min(found)
