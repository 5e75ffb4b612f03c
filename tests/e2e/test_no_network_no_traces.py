# SPDX-License-Identifier: Apache-2.0
"""The whole road, guarded: no connection, and not one byte outside the folder that was named.

Three guards that know nothing of each other: a hook in the process that raises (`demo_guard`), the
system's own account of calls (``strace``, with the worker and every library), and the folders
themselves, which were empty before and must be empty after. Where the system allows it, all of it
runs in a network namespace without any network.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "tests" / "demo_guard.py"
MARKERS = (
    "so kannst du nich mit menschen umgehn",
    "Kein Kontakt mehr",
    "+491713920077",
    "jonas.k@example.net",
    "WhatsApp-Chat mit Jonas",
    "gehe nicht mehr allein zum Bus",
    "vier stille blaue Lampen",
    "Bushaltestelle",
)
CALLS = (
    "socket,connect,bind,listen,sendto,sendmsg,sendmmsg,open,openat,creat,rename,renameat,"
    "renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,truncate,mknod,mknodat,unlink,unlinkat,"
    "memfd_create"
)
STRACE = ("-f", "-qq", "--seccomp-bpf", "-s", "4096", "-e", f"trace={CALLS}", "-e", "signal=none")
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
CALL = re.compile(r"^\d+ +(?P<name>\w+)\((?P<rest>.*)$")
REACHING = {"socket", "connect", "bind", "listen"}
NAME_SERVICE = re.compile(r"AF_UNIX, SOCK_|AF_UNIX, sun_path=\"/(var/)?run/nscd/")
"""How the C library asks this machine itself for the name of its user."""
Run = tuple[dict[str, Any], Path, list[str], dict[str, Path], Path]
Guarded = tuple[subprocess.CompletedProcess[bytes], Path, list[str]]
WATCHED = ("home", "temporary", "here", "cache", "config", "data", "state", "runtime")


def watched(tmp_path: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Make empty folders for all that a program may think of, and an environment naming them."""
    folders = {name: tmp_path / name for name in WATCHED}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    env = {
        "HOME": folders["home"], "USERPROFILE": folders["home"], "TMPDIR": folders["temporary"],
        "TEMP": folders["temporary"], "TMP": folders["temporary"],
        "XDG_CACHE_HOME": folders["cache"], "XDG_CONFIG_HOME": folders["config"],
        "XDG_DATA_HOME": folders["data"], "XDG_STATE_HOME": folders["state"],
        "XDG_RUNTIME_DIR": folders["runtime"], "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    return folders, {name: str(value) for name, value in env.items()}


def works(*words: str) -> bool:
    try:
        return not subprocess.run([*words, "true"], capture_output=True, check=False).returncode
    except OSError:
        return False


@cache
def without_network() -> tuple[str, ...]:
    """The words that start a process where there is no network; none where that is not allowed."""
    ways = (("unshare", "-n"), ("unshare", "-r", "-n"))
    return next((way for way in ways if works(*way)), ())


@cache
def traced(log: str) -> tuple[str, ...]:
    return ("strace", *STRACE, "-o", log) if works("strace", *STRACE, "-o", "/dev/null") else ()


def shared_memory() -> list[str]:
    """Give the files in shared memory that hold a marker; others may work beside this test."""
    place = Path("/dev/shm")  # noqa: S108 - looked at, never written
    return marked(place) if place.is_dir() else []


def guarded(tmp_path: Path, env: dict[str, str], here: Path, *words: str) -> Guarded:
    out, report = tmp_path / "out", tmp_path / "refused.txt"
    command = [
        *without_network(), *traced(str(tmp_path / "calls.txt")),
        sys.executable, GUARD, out, report, *words, "--out", out,
    ]  # fmt: skip
    run = subprocess.run(command, env=env, cwd=here, capture_output=True, check=False)
    return run, out, report.read_text().splitlines()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    tmp_path = tmp_path_factory.mktemp("guarded")
    folders, env = watched(tmp_path)
    done, out, report = guarded(tmp_path, env, folders["here"], "demo", "--json", "--lang", "de")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout), out, report, folders, tmp_path / "calls.txt"


def test_the_demo_opens_no_connection_and_writes_nowhere_but_below_its_folder(run: Run) -> None:
    told, out, report, folders, calls = run
    assert told["verified"]["verdict"] == "genuine"
    assert [line for line in report if line.startswith("REFUSED")] == []
    (seen,) = [line for line in report if line.startswith("SEEN")]
    assert re.search(r"'open': [1-9]", seen), "the guard was deaf"
    assert re.search(r"'subprocess.Popen': [1-9]", seen), "the guard was deaf"
    left = {name: list(folder.rglob("*")) for name, folder in folders.items()}
    assert left == {name: [] for name in folders}
    assert not shared_memory()
    assert sorted(one.name for one in out.iterdir()) == [
        "bundle-changed.zip", "bundle.zip", "case", "dossier.pdf", "exports", "standfast-demo.txt",
    ]  # fmt: skip
    if calls.exists():
        assert not forbidden_calls(calls, out)


def forbidden_calls(log: Path, out: Path) -> list[str]:
    """Give the calls of the whole family of processes that reach outside."""
    found, writes = [], 0
    allowed = (f"{out}/", str(log.parent / "refused.txt"), "/dev/null", "/dev/tty", "/dev/urandom")
    for line in log.read_text("utf-8", "replace").splitlines():
        call = CALL.match(line)
        if call is None or re.search(r"= -1 E(NOENT|EXIST)", line):
            continue
        name, rest = call["name"], call["rest"]
        if name in REACHING or name.startswith("send"):
            addressed = name in REACHING or "sa_family=" in rest
            found += [line] if addressed and not NAME_SERVICE.search(rest) else []
        elif not name.startswith("open") or WRITES.search(PATH.sub("", rest)):
            paths = [path for path in PATH.findall(rest) if path]
            writes += any(path.startswith(f"{out}/") for path in paths)
            if not all(path == str(out) or path.startswith(allowed) for path in paths):
                found.append(line)
    assert writes > 20, "the account of calls saw nothing"
    return found


def test_no_word_of_the_story_lies_open_in_the_case(run: Run) -> None:
    _told, out, *_rest = run
    assert marked(out / "exports"), "the words are in the exports, so the search can find them"
    assert not marked(out / "case")


def marked(folder: Path) -> list[str]:
    """Give the files whose names or bytes hold a marker, as it is or in another dress."""
    dresses = [
        dress
        for marker in MARKERS
        for dress in (
            marker.encode(), marker.encode("utf-16-le"), marker.encode("utf-16-be"),
            marker.encode().hex().encode(), b64encode(marker.encode())[:-4],
            marker.upper().encode(), json.dumps(marker).strip('"').encode(),
        )
    ]  # fmt: skip
    found = []
    for path in folder.rglob("*"):
        data = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        found += [f"{path}: {dress!r}" for dress in dresses if dress in data]
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_no_word_lies_open_when_the_demo_is_killed_in_the_middle(tmp_path: Path) -> None:
    folders, env = watched(tmp_path)
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from standfast.cli import main; main()", "demo", "--out", out]
    child = subprocess.Popen(
        command, env=env, cwd=folders["here"], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: len(list((out / "case").rglob("*"))) > 40)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert not (out / "bundle.zip").exists(), "it was killed too late to tell anything"
    assert not marked(out / "case")
    assert {name: list(folder.rglob("*")) for name, folder in folders.items()} == {
        name: [] for name in folders
    }


def until(holds: Callable[[], bool], patience: float = 60.0) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < patience
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot bind itself")
def test_the_worker_cannot_write_a_byte(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from standfast.sources.limits import Limits, confine\n"
        "confine(Limits())\n"
        "file = open(sys.argv[1], 'wb', buffering=0)\n"
        "try:\n    file.write(b'x')\n"
        "except OSError as problem:\n    print(problem.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "trace"], capture_output=True, check=True
    )
    assert int(done.stdout) == errno.EFBIG
    assert (tmp_path / "trace").read_bytes() == b""


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.socket().connect(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.org', 443)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('::1', 9))",
        "open(sys.argv[-1] + '/trace', 'w')",
        "import os; os.open(sys.argv[-1] + '/trace', os.O_CREAT | os.O_WRONLY)",
        "import os; os.mkdir(sys.argv[-1] + '/trace')",
        "import tempfile; tempfile.mkstemp(dir=sys.argv[-1])",
        "import subprocess; subprocess.run(['true'])",
    ],
)
def test_the_guard_refuses_what_it_is_there_for(tmp_path: Path, deed: str) -> None:
    (tmp_path / "standfast").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "standfast" / "__init__.py").write_text("")
    (tmp_path / "standfast" / "cli.py").write_text(f"import sys\ndef main():\n    {deed}\n")
    report = tmp_path / "refused.txt"
    done = subprocess.run(
        [sys.executable, GUARD, tmp_path / "out", report, tmp_path / "elsewhere"],
        env={"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert report.read_text().startswith("REFUSED"), done.stderr.decode()
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_the_account_of_calls_sees_what_a_library_writes(tmp_path: Path) -> None:
    log, out = tmp_path / "calls.txt", tmp_path / "out"
    if not traced(str(log)):
        pytest.skip("strace may not look at processes here")
    out.mkdir()
    script = "for i in range(30): open(f'{sys.argv[1]}/{i}', 'w')"
    script = f"import sys, socket\n{script}\nopen(sys.argv[2], 'w'); socket.socket()"
    words = [sys.executable, "-c", script, out, tmp_path / "trace"]
    subprocess.run([*traced(str(log)), *words], check=True)
    found = forbidden_calls(log, out)
    assert len(found) == 2, found
    assert "trace" in found[0]
    assert "socket" in found[1]
