# SPDX-License-Identifier: Apache-2.0
"""Everything a contributor or a stranger runs: ``python3 dev.py VERB``.

Only the standard library is used, and only what Python 3.6 can still parse, so that an older one
is told what it lacks. The first verb makes ``.venv`` beside this file: with uv where it is on the
path, else with pip from the hashed ``requirements*.txt``, which needs neither ``ensurepip`` nor an
administrator. A stamp in ``.venv`` says what was installed, so the next run starts at once.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an older one must be told, not traced back
    sys.exit("standfast needs Python 3.11 or newer; this one is " + sys.version.split()[0] + ".")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
FILES = {  # what is installed: a dependency group's name, and the files pip takes
    "runtime": ["requirements.txt"],
    "dev": ["requirements-dev.txt"],
    "docs": ["requirements.txt", "requirements-docs.txt"],
}
EXPORT = "uv export -q --frozen --no-emit-project --no-header --no-annotate -o requirements"
GROUPS = (".txt --no-default-groups", "-dev.txt --group dev", "-docs.txt --only-group docs")
LOCK = ("uv lock", *(EXPORT + group for group in (*GROUPS, "-build.txt --only-group build")))
CHECK = ("ruff check", "ruff format --check", "mypy", "lint-imports")
GATE = "coverage report --fail-under=100 --include=*/standfast/vault/*,*/standfast/sources/*"
COVERAGE = ("coverage run -m pytest", "coverage combine --quiet", GATE)
PYTEST = "pytest -n auto --dist loadfile"  # one file on one core, so its fixtures are made once
POT = ".venv/messages.pot"
UPDATE = "pybabel -q update -N --ignore-obsolete --ignore-pot-creation-date -D standfast -i"
LOCALE = "src/standfast/locale"
MESSAGES = (
    f"pybabel -q extract -F babel.cfg --no-location -o {POT} src/standfast",
    f"{UPDATE} {POT} -d {LOCALE}",
)
DEMO = "standfast demo --again --out standfast-demo"
DOCS = "sphinx-build -q -W --keep-going docs docs/_build"
REFERENCE = (
    "python docs/cli_reference.py docs/reference/cli.md",
    "python docs/formats_reference.py docs/reference/formats.md",
)
VERBS = {  # what must be installed, the commands (pytest, or the last, takes the words), the sense
    "demo": ("runtime", [DEMO], "build a fictional case, its dossier and its bundle"),
    "run": ("runtime", ["standfast"], "run standfast from this checkout: `run --help`"),
    "test": ("dev", [*CHECK, PYTEST], "check, then test (--quick: no long ones; paths: these)"),
    "check": ("dev", CHECK, "read the code: style, format, types, imports"),
    "coverage": ("dev", COVERAGE, "test with branches counted; vault and sources must be whole"),
    "docs": ("docs", [DOCS], "build the documentation; a warning is an error"),
    "bench": ("dev", ["python tests/bench"], "measure standfast beside its peers"),
    "golden": ("dev", ["pytest tests/contract"], "write anew what the contract tests expect"),
    "reference": ("runtime", REFERENCE, "write docs/reference/{cli,formats}.md from the code"),
    "messages": ("runtime", MESSAGES, "collect the code's sentences into every catalogue"),
    "lock": ("", LOCK, "renew uv.lock and the hashed requirements (needs uv)"),
}
STOPPED = """dev.py: the set-up stopped; the reason stands above. It needs a connection to the
Python package index, and either pip for this Python (Debian: apt install python3-pip) or uv.
Then run the same command again; nothing has to be undone."""


def call(*command: object, **more: str) -> int:
    """Show a command, run it at the root (standfast: where you are) and give its exit code."""
    words = [str(word) for word in command]
    print("dev.py: " + " ".join(words).replace(str(ROOT) + os.sep, ""), flush=True)
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    fixed = {"UV_PROJECT_ENVIRONMENT": str(VENV), "PIP_USER": "0", **more}
    place = None if command[0] == BIN / "standfast" else ROOT
    return subprocess.run(words, cwd=place, env={**kept, **fixed}, check=False).returncode


def mark(kind: str) -> str:
    """Say what an up-to-date installation of a kind rests on."""
    locked = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "uv.lock"))
    return f"{kind} {hashlib.sha256(locked).hexdigest()} {sys.version_info[:2]}"


def installed(kind: str) -> bool:
    """Tell whether ``.venv`` holds this kind; what ``dev`` installs contains the runtime."""
    stamp = VENV / f".stamp-{kind}"
    fresh = PYTHON.exists() and stamp.exists() and stamp.read_text() == mark(kind)
    return fresh or (kind == "runtime" and installed("dev"))


def with_uv(kind: str) -> bool:
    """Install with uv, where there is one that understands our lock."""
    uv = shutil.which("uv")
    python = [] if PYTHON.exists() else ["--python", sys.executable]
    group = [] if kind == "runtime" else ["--group", kind]
    sync = ["sync", "--quiet", "--frozen", "--inexact", "--no-default-groups", *python, *group]
    return bool(uv) and call(uv, *sync) == 0


def with_pip(kind: str) -> bool:
    """Install with pip, every file checked against its hash, then standfast itself."""
    borrowed = importlib.util.find_spec("pip") is not None
    bare = ["--without-pip", VENV] if borrowed else [VENV]
    if not PYTHON.exists() and call(sys.executable, "-m", "venv", *bare) != 0:
        return False
    pip = [sys.executable, "-m", "pip", "--python", PYTHON] if borrowed else [PYTHON, "-m", "pip"]
    install = [*pip, "--disable-pip-version-check", "install", "--quiet"]
    files = [word for name in [*FILES[kind], "requirements-build.txt"] for word in ("-r", name)]
    ours = ["--no-deps", "--no-build-isolation", "-e", "."]
    return call(*install, "--require-hashes", *files) == 0 and call(*install, *ours) == 0


def set_up(kind: str) -> None:
    """Make ``.venv`` hold what a verb needs, or stop with what to do next."""
    if not kind or installed(kind):
        return
    print("dev.py: setting up .venv (once; this takes a minute or two)", flush=True)
    if not with_uv(kind) and not with_pip(kind):
        sys.exit(STOPPED)
    (VENV / f".stamp-{kind}").write_text(mark(kind))


def do(commands: list[str], *words: str, **more: str) -> int:
    """Run every command, so that one failure hides no other; the first bad code counts."""
    codes = {}
    taker = next((line for line in commands if "pytest" in line), commands[-1])
    for line in commands:
        program, *rest = line.split()
        place = program if program == "uv" else BIN / program
        codes[line] = call(place, *rest, *(words if line == taker else ()), **more)
    failed = [line for line, code in codes.items() if code]
    if failed and len(codes) > 1:
        print("dev.py: not clean: " + "; ".join(failed), flush=True)
    return next(filter(None, codes.values()), 0)


def main(verb: str = "help", *words: str) -> int:
    """Do one verb, or say which there are."""
    if verb not in VERBS:
        print("python3 dev.py VERB, where VERB is one of")
        print("\n".join(f"  {name:<10} {told[2]}" for name, told in VERBS.items()))
        return 0 if verb in {"help", "--help", "-h"} else 2
    kind, commands, sentence = VERBS[verb]
    print(f"dev.py {verb}: {sentence}", flush=True)
    set_up(kind)
    if verb == "test":
        chosen = [word for word in words if word != "--quick"]
        commands = ["pytest"] if chosen else commands
        words = (*(["-m", "not long"] if "--quick" in words else []), *chosen)
    return do(list(commands), *words, STANDFAST_GOLDEN="write" if verb == "golden" else "")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
