# SPDX-License-Identifier: Apache-2.0
"""The script that sets everything up: what it runs, what it says, what it pins."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "dev.py"
REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py on an empty checkout, with every command recorded instead of run."""
    spec = importlib.util.spec_from_file_location("dev", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).write_text(name)
    module.ran = []
    module.fails = ()

    def call(*command: object, **more: str) -> int:
        words = [str(word).replace(f"{tmp_path}/", "") for word in command]
        module.ran.append(" ".join(words))
        module.more = more
        if "venv" in words:
            module.PYTHON.parent.mkdir(parents=True)
            module.PYTHON.touch()
        return next((code for part, code in module.fails if part in module.ran[-1]), 0)

    places = {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "BIN": tmp_path / ".venv" / "bin"}
    places["PYTHON"] = places["BIN"] / "python"
    for name, value in {**places, "call": call}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: "this Python has pip")
    return module


def ready(dev: ModuleType) -> None:
    dev.set_up("dev")
    dev.ran.clear()


def test_it_stays_small_and_uses_the_standard_library_only() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 160
    tree = ast.parse(text)
    names = {
        one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names
    }
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_older_python_can_parse_it() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_older_python_is_told_in_one_sentence() -> None:
    old = "import runpy, sys; sys.version_info = (3, 8, 2); sys.version = '3.8.2 (old)'"
    run = subprocess.run(
        [sys.executable, "-c", f"{old}; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr == "standfast needs Python 3.11 or newer; this one is 3.8.2.\n"


def test_without_uv_it_installs_with_pip_and_hashes_only(dev: ModuleType) -> None:
    dev.set_up("runtime")
    venv, locked, ours = dev.ran
    assert venv.endswith("-m venv --without-pip .venv")
    assert "--python .venv/bin/python" in locked
    assert locked.endswith("--require-hashes -r requirements.txt -r requirements-build.txt")
    assert ours.endswith("install --quiet --no-deps --no-build-isolation -e .")


def test_a_python_without_pip_makes_an_environment_that_has_one(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    dev.set_up("runtime")
    assert dev.ran[0].endswith("-m venv .venv")
    assert dev.ran[1].startswith(".venv/bin/python -m pip ")


def test_uv_is_used_where_it_is_and_the_lock_is_kept(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    dev.PYTHON.parent.mkdir(parents=True)
    dev.PYTHON.touch()
    dev.set_up("dev")
    assert dev.ran == [
        "/opt/uv sync --quiet --frozen --inexact --no-default-groups --group dev",
    ]


def test_pip_takes_over_where_uv_fails(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    dev.fails = (("uv sync", 2),)
    dev.set_up("runtime")
    assert "--require-hashes" in dev.ran[2]


def test_the_second_run_installs_nothing(dev: ModuleType) -> None:
    ready(dev)
    dev.set_up("dev")
    dev.set_up("runtime")
    assert dev.ran == []


def test_a_changed_lock_is_installed_anew(dev: ModuleType) -> None:
    ready(dev)
    (dev.ROOT / "uv.lock").write_text("newer")
    dev.set_up("dev")
    assert any("requirements-dev.txt" in line for line in dev.ran)


def test_a_set_up_that_failed_says_what_to_do_and_is_tried_again(dev: ModuleType) -> None:
    dev.fails = (("--require-hashes", 1),)
    for _attempt in range(2):
        with pytest.raises(SystemExit, match=r"python3-pip.*\n.*same command again"):
            dev.set_up("runtime")
    assert sum("--require-hashes" in line for line in dev.ran) == 2


def test_the_demo_needs_the_runtime_only(dev: ModuleType) -> None:
    assert dev.main("demo") == 0
    assert not any("requirements-dev" in line for line in dev.ran)
    assert dev.ran[-1] == ".venv/bin/standfast demo --again --out standfast-demo"


def test_a_run_hands_its_words_and_its_exit_code_through(dev: ModuleType) -> None:
    ready(dev)
    dev.fails = (("verify", 5),)
    assert dev.main("run", "verify", "my case") == 5
    assert dev.ran == [".venv/bin/standfast verify my case"]


def test_tests_come_last_and_run_even_where_a_check_failed(
    dev: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    ready(dev)
    dev.fails = (("mypy", 3),)
    assert dev.main("test") == 3
    programs = [line.split()[0].removeprefix(".venv/bin/") for line in dev.ran]
    assert programs == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]
    assert capsys.readouterr().out.endswith("dev.py: not clean: mypy\n")


def test_quick_leaves_the_long_tests_out(dev: ModuleType) -> None:
    ready(dev)
    dev.main("test", "--quick")
    assert dev.ran[-1] == ".venv/bin/pytest -n auto --dist loadfile -m not long"


def test_chosen_tests_run_alone(dev: ModuleType) -> None:
    ready(dev)
    dev.main("test", "tests/unit", "-k", "merkle")
    assert dev.ran == [".venv/bin/pytest tests/unit -k merkle"]


def test_words_reach_the_tests_of_a_coverage_run(dev: ModuleType) -> None:
    ready(dev)
    dev.main("coverage", "tests/unit")
    assert dev.ran[0] == ".venv/bin/coverage run -m pytest tests/unit"
    assert dev.ran[-1].startswith(".venv/bin/coverage report --fail-under=100")
    assert not dev.ran[-1].endswith("tests/unit")


def test_only_golden_writes_what_tests_expect(dev: ModuleType) -> None:
    ready(dev)
    dev.main("golden")
    assert dev.more["STANDFAST_GOLDEN"] == "write"
    dev.main("test")
    assert not dev.more["STANDFAST_GOLDEN"]


def test_an_unknown_verb_shows_the_verbs(
    dev: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main("tset") == 2
    assert all(f"  {verb} " in capsys.readouterr().out for verb in ["test"])
    assert dev.ran == []


def test_every_target_of_make_is_a_verb(dev: ModuleType) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^(\w+): ; @\$\(PYTHON\) dev\.py (\w+)", text, flags=re.MULTILINE))
    assert targets == {name: name for name in targets}
    assert set(targets) == set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())
    assert {"demo", "test", "check", "docs", "bench", "golden", "messages"} == set(targets)
    assert set(targets) <= set(dev.VERBS)


def locked() -> dict[tuple[str, str], set[str]]:
    """Every package of the lock with the hashes of its files."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    return {
        (one["name"], one["version"]): {
            file["hash"] for file in [*one.get("wheels", []), one.get("sdist", {"hash": ""})]
        }
        for one in packages
        if "registry" in one["source"]
    }


def pinned(page: Path) -> dict[tuple[str, str], set[str]]:
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[tuple[str, str], set[str]] = {}
    for line in text.splitlines():
        name, version = re.match(r"([\w.-]+)==([\w.+-]+)", line).groups()
        found.setdefault((name, version), set()).update(re.findall(r"--hash=(\S+)", line))
    return found


def test_there_are_four_files_of_requirements() -> None:
    names = ["requirements-build.txt", "requirements-dev.txt", "requirements-docs.txt"]
    assert [page.name for page in REQUIREMENTS] == [*names, "requirements.txt"]


@pytest.mark.parametrize("page", REQUIREMENTS, ids=lambda page: page.name)
def test_requirements_are_the_lock_with_every_hash_and_no_host(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    lock = locked()
    found = pinned(page)
    assert found
    assert {one for one in found if one not in lock} == set(), "run `python3 dev.py lock`"
    assert [one for one, hashes in found.items() if not hashes or not hashes <= lock[one]] == []


def test_every_direct_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {"requirements.txt": project["project"]["dependencies"]}
    for group in ("dev", "docs", "build"):
        groups[f"requirements-{group}.txt"] = project["dependency-groups"][group]
    groups["requirements-dev.txt"] = groups["requirements-dev.txt"] + groups["requirements.txt"]
    missing = {
        page: absent
        for page, wanted in groups.items()
        if (
            absent := {re.match(r"[\w.-]+", one)[0].lower() for one in wanted}
            - {name for name, _version in pinned(ROOT / page)}
        )
    }
    assert missing == {}
