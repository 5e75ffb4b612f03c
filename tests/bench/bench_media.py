# SPDX-License-Identifier: Apache-2.0
"""Keeping media beside ``age`` encrypting the same bytes to files on the same disk.

Both end with their bytes on the disk: after ``age`` the files are flushed, as standfast does
before it says that something is kept.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

from measuring import Spent, against, best, inside, ours
from peers import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measuring import Bench, Row

BAR = 1.3
MIB = 1 << 20
ENCRYPT = """
set -e
key=$1; out=$2; shift 2
rm -rf "$out"; mkdir "$out"
for file in "$@"; do age -r "$key" -o "$out/${file##*/}" "$file"; done
sync "$out"/*
"""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure one large file, then as many bytes in small ones."""
    parts = 64 if bench.quick else 1000
    for count, each in ((1, 64 if bench.quick else 1024), (parts, 1)):
        folder = bench.folder / f"media-{count}"
        files = _files(folder, count, each)
        kept = inside(ours("media", bench.folder / "media-case", *files))
        theirs = _age(bench.folder / "age", files)
        size = f"{count:,} × {each:,} MiB"
        bar = None if bench.quick else BAR
        yield against("keep media: processor", size, kept, "age", theirs, bar=bar)
        yield against("keep media: clock", size, kept, "age", theirs, bar=bar, clock="wall")
        for used in (folder, bench.folder / "media-case", bench.folder / "age"):
            shutil.rmtree(used, ignore_errors=True)


def _files(folder: Path, count: int, each: int) -> list[Path]:
    dice = random.Random(11)
    folder.mkdir()
    files = []
    for number in range(count):
        path = folder / f"{number}.bin"
        with path.open("wb") as file:
            file.writelines(dice.randbytes(MIB) for _part in range(each))
            os.fsync(file.fileno())
        files.append(path)
    return files


def _age(out: Path, files: list[Path]) -> Spent:
    problem = missing("age") or missing("age-keygen")
    if problem:
        return Spent(problem=problem)
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    key = next(line.split()[-1] for line in made.splitlines() if "public key" in line)
    return best("sh", "-c", ENCRYPT, "sh", key, out, *files)
