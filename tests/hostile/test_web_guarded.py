# SPDX-License-Identifier: Apache-2.0
"""The app under a guard: it speaks to this computer only, and writes nowhere but in the case.

A hook in the process that raises, and the system's own account of calls, which knows nothing of it
(``strace``, with the worker and every library).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk_case import CHAT, PHRASE
from web_server import Server, until

GUARD = Path(__file__).resolve().parents[1] / "web_guard.py"
CALLS = (
    "connect,bind,sendto,sendmsg,sendmmsg,open,openat,creat,rename,renameat,renameat2,mkdir,mkdirat,"
    "link,linkat,symlink,symlinkat,truncate,mknod,mknodat,unlink,unlinkat,memfd_create"
)
STRACE = (
    "strace",
    "-f",
    "-qq",
    "--seccomp-bpf",
    "-s",
    "512",
    "-e",
    f"trace={CALLS}",
    "-e",
    "signal=none",
)
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
FAILED = re.compile(r"= -1 E(NOENT|EXIST|AGAIN|INPROGRESS|CONNREFUSED)")
PLACES = ("/", "/a", "/t", "/f", "/p", "/q", "/c", "/g", "/d", "/v", "/s", "/x", "/k", "/n")
NEW = """
from pathlib import Path
import sys
from standfast.desk import new_case
from standfast.vault.keys import Work
new_case(Path(sys.argv[1]), sys.argv[2], title="Mira", zone="Europe/Berlin", work=Work(65536, 3, 4))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Work in the app for a while; gives the folder of the run and the case."""
    place = tmp_path_factory.mktemp("guarded")
    out = place / "out"
    out.mkdir()
    case = out / "case"
    subprocess.run([sys.executable, "-c", NEW, case, PHRASE], check=True)
    trace = (*STRACE, "-o", place / "calls.txt") if shutil.which("strace") else ()
    env = {name: str(place / name.lower()) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    for folder in env.values():
        Path(folder).mkdir()
    env |= {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [*trace, sys.executable, GUARD, out, place / "refused.txt", "open", case]
    with Server(*command, "--no-browser", env=env) as server:
        work_in(server)
        os.kill(peer(server), signal.SIGINT)
        server.process.wait(30)
    return place, case


def peer(server: Server) -> int:
    """Give the process that answers: a child of the one that watches its calls, or itself."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return int(children.split()[0]) if children else server.process.pid


def work_in(server: Server) -> None:
    """Unlock, add a chat, look at every page, and leave."""
    server.enter()
    body = f"form={server.form}&passphrase={PHRASE.replace(' ', '+')}".encode()
    assert server.post("/u", body, X_Form="").status == 303
    until(lambda: server.get("/a").status == 200)
    action = re.search(rb'action="([^"]+)" enctype="multipart/form-data"', server.get("/a").body)
    assert action
    parts = [
        f'name="form"\r\n\r\n{server.form}',
        f'name="files"; filename="chat.txt"\r\n\r\n{CHAT}',
    ]
    form = (
        "".join(f"--b\r\nContent-Disposition: form-data; {one}\r\n" for one in parts) + "--b--\r\n"
    )
    kind = "multipart/form-data; boundary=b"
    sent = server.post(action[1].decode(), form.encode(), Content_Type=kind, X_Form="")
    assert sent.status == 303
    job = sent.headers["location"]
    until(lambda: server.get(job).status == 303)
    for path in PLACES:
        assert server.get(path).status in {200, 303}, path
    server.post("/l", f"form={server.form}".encode(), X_Form="")


@pytest.mark.skipif(sys.platform != "linux", reason="the road is watched through /proc")
def test_the_app_speaks_to_this_computer_only_and_writes_in_the_case_only(
    run: tuple[Path, Path],
) -> None:
    place, case = run
    report = (place / "refused.txt").read_text().splitlines()
    assert [line for line in report if line.startswith("REFUSED")] == []
    seen = dict(re.findall(r"'([\w.]+)': (\d+)", report[-1]))
    assert all(int(seen[name]) for name in ("open", "socket.bind", "subprocess.Popen")), seen
    for name in ("home", "tmpdir", "xdg_cache_home"):
        assert list((place / name).rglob("*")) == []
    assert [one.name for one in case.parent.iterdir()] == ["case"]


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_system_saw_no_other_connection_and_no_other_writing(run: tuple[Path, Path]) -> None:
    place, case = run
    allowed = (f"{case}/", str(place / "refused.txt"), "/dev/null", "/dev/tty", "/dev/urandom")
    found, written, spoken = [], 0, 0
    for line in (place / "calls.txt").read_text("utf-8", "replace").splitlines():
        name = re.sub(r"^\d+ +", "", line).partition("(")[0]
        paths = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
        if FAILED.search(line):
            continue
        if name in {"connect", "bind"} or name.startswith("send"):
            spoken += "sa_family=AF_INET" in line
            if "sa_family=" in line and "127.0.0.1" not in line and "AF_UNIX" not in line:
                found.append(line)
        elif not name.startswith("open") or WRITES.search(line):
            written += any(path.startswith(f"{case}/") for path in paths)
            found += [] if all(path.startswith(allowed) for path in paths if path) else [line]
    assert found == []
    assert written > 5, "the account of calls saw nothing"
    assert spoken > 0, "the account of calls heard nothing"


@pytest.mark.skipif(sys.platform != "linux", reason="the road is watched through /proc")
def test_the_guard_is_not_deaf(tmp_path: Path) -> None:
    script = (
        "import sys, socket; sys.path.insert(0, sys.argv[1]); import web_guard, os\n"
        "from pathlib import Path\n"
        "sys.addaudithook(web_guard.Guard(Path(sys.argv[2]), 1))\n"
        "for act in (lambda: socket.socket().connect(('192.0.2.1', 9)),\n"
        "            lambda: socket.getaddrinfo('example.org', 80),\n"
        "            lambda: socket.socket().bind(('0.0.0.0', 0)),\n"
        "            lambda: open('/nowhere', 'w')):\n"
        "    try: act()\n"
        "    except PermissionError: pass\n"
    )
    command = [sys.executable, "-c", script, GUARD.parent, tmp_path]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    refused = [line.split()[1] for line in told.splitlines() if line.startswith("REFUSED")]
    assert refused == ["socket.connect", "socket.getaddrinfo", "socket.bind", "open"]
