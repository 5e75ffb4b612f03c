# SPDX-License-Identifier: Apache-2.0
"""What tests of several topics share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test folders are no packages

from tsa import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give a timestamp authority with elliptic keys, directly under its root."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def second_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give another one, with RSA keys and a certificate between."""
    return Authority(tmp_path_factory.mktemp("second"), kind="rsa", intermediate=True, common="Two")
