# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: their modules on the path, and a folder in memory."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test folders are no packages

from vault_case import stretch_quickly

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 - where it exists, thousands of small cases cost no disk


@pytest.fixture
def ram(tmp_path: Path) -> Iterator[Path]:
    """Give a folder in memory where the system has one, else an ordinary one."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="standfast-test-") as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch_quickly(monkeypatch)
