# SPDX-License-Identifier: Apache-2.0
"""A machine that has only Python and pip: no uv, no ensurepip, no cache, no home, no path.

The checkout is copied, and dev.py must set itself up there and start standfast.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_ENSUREPIP = 'raise ImportError("this machine has no ensurepip")\n'
UNREACHABLE = ("NewConnectionError", "Failed to fetch", "Name or service not known")
KEPT = ("PIP_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SYSTEMROOT")
"""What a machine may need to reach its package index at all."""


def bare_pythons() -> list[str]:
    """Give the interpreters here that are no virtual environment and have pip."""
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    fits = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    found = {}
    for python in (base, Path("/usr/bin/python3")):
        if python.exists():
            run = subprocess.run([python, "-I", "-c", fits], capture_output=True, check=False)
            if run.returncode == 0:
                found[python.resolve()] = str(python)
    return list(found.values())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of the repository as they are now, without what a run leaves behind."""
    left = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "_build", "*-demo")
    return Path(shutil.copytree(ROOT, tmp_path / "a checkout", ignore=left, symlinks=True))


def environment(tmp_path: Path) -> dict[str, str]:
    """An empty home, cache and path, and a Python whose ensurepip cannot be imported."""
    for name in ("home", "cache", "path", "modules/ensurepip"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "modules/ensurepip/__init__.py").write_text(NO_ENSUREPIP)
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(KEPT)}
    return kept | {
        "HOME": str(tmp_path / "home"),
        "PATH": str(tmp_path / "path"),
        "PIP_CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONPATH": str(tmp_path / "modules"),
        "LANG": "C.UTF-8",
    }


def dev(python: str, checkout: Path, env: dict[str, str], *words: str) -> tuple[int, str]:
    run = subprocess.run(
        [python, "dev.py", *words],
        cwd=checkout, env=env, text=True, check=False, timeout=900,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return run.returncode, run.stdout


def first_run(python: str, checkout: Path, env: dict[str, str]) -> str:
    code, told = dev(python, checkout, env, "run", "--version")
    if code and "CI" not in os.environ and any(sign in told for sign in UNREACHABLE):
        pytest.skip("no package index can be reached from here")
    assert code == 0, told
    return told


@pytest.mark.long
@pytest.mark.parametrize("python", bare_pythons())
def test_python_and_pip_are_all_that_is_needed(python: str, checkout: Path, tmp_path: Path) -> None:
    env = environment(tmp_path)
    told = first_run(python, checkout, env)
    assert "--require-hashes" in told
    assert "standfast" in told.splitlines()[-1]

    started = time.monotonic()
    code, told = dev(python, checkout, env, "run", "--version")
    assert code == 0, told
    assert "setting up" not in told
    assert time.monotonic() - started < 20
    assert list((tmp_path / "home").iterdir()) == [], "nothing outside the checkout"


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("uv"), reason="there is no uv here")
def test_uv_needs_no_pip(checkout: Path, tmp_path: Path) -> None:
    python = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    env = environment(tmp_path) | {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    told = first_run(python, checkout, env)
    assert "--require-hashes" not in told
    assert "standfast" in told.splitlines()[-1]


def test_a_machine_that_reaches_no_index_is_told_what_to_do(checkout: Path, tmp_path: Path) -> None:
    env = environment(tmp_path) | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    env.pop("PIP_FIND_LINKS", None)
    code, told = dev(bare_pythons()[0], checkout, env, "demo")
    assert code == 1
    assert "Traceback" not in told
    assert told.rstrip().endswith("nothing has to be undone.")
