# SPDX-License-Identifier: Apache-2.0
"""What one original may cost: memory, time, output, nesting.

Most of what is read was written by somebody who may wish harm. Going over a limit costs that one
item its events, never its bytes and never the case.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one reading.

    Attributes:
        memory: address space of the worker, bytes.
        cpu_seconds: processor time at least granted, plus ``cpu_per_mib`` for each MiB.
        silence: seconds without a sign of life after which the worker is ended.
        output_factor: bytes of events allowed a byte of input, beyond `output_free`.
        nesting: archives within archives.
        members: files in an archive and in all archives within it.
        ratio: bytes out of an archive a byte of it, beyond `output_free`; archives within
            archives share what the outermost one may unpack to.
    """

    memory: int = 3072 * MIB
    cpu_seconds: int = 60
    cpu_per_mib: float = 2.0
    silence: int = 120
    output_factor: int = 40
    output_free: int = 64 * MIB
    nesting: int = 3
    members: int = 100_000
    ratio: int = 200

    def cpu(self, size: int) -> int:
        """Give the processor seconds for an original of that size."""
        return self.cpu_seconds + int(size / MIB * self.cpu_per_mib)

    def patience(self, size: int) -> float:
        """Give the seconds the parent waits for an original of that size, all in all."""
        return self.silence + 4.0 * self.cpu(size)

    def output(self, size: int) -> int:
        """Give the bytes of events an original of that size may yield."""
        return self.output_free + size * self.output_factor


def confine(limits: Limits) -> None:
    """Bind this process for good: its memory, no files, no dumps of its memory.

    Windows has no such limits for a process on itself; there the parent's clock and count are all.
    """
    if sys.platform == "win32":
        return
    if sys.platform != "darwin":  # there the address space cannot be limited
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def allow_cpu(seconds: int) -> None:
    """Grant this process that much more processor time, after which the system ends it."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))
