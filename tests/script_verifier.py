# SPDX-License-Identifier: Apache-2.0
"""The script of ``verify.html``, run by node: bundles go in through a pipe, answers come out."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

from standfast.dossier.verifier import core_js
from standfast.dossier.verifier.verify import check_bundle

if TYPE_CHECKING:
    from pathlib import Path

DRIVER = """
async function* pieces() {
  let held = Buffer.alloc(0);
  for await (const part of process.stdin) {
    held = Buffer.concat([held, part]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32LE(0)) {
      const end = 4 + held.readUInt32LE(0);
      yield new Uint8Array(held.subarray(4, end));
      held = held.subarray(end);
    }
  }
}
(async () => {
  for await (const data of pieces()) {
    const read = async (offset, length) => data.slice(offset, offset + length);
    let answer;
    try {
      answer = await verifyBundle({ size: data.length, read });
    } catch (problem) {
      answer = { crash: String(problem.stack) };
    }
    process.stdout.write(JSON.stringify(answer) + "\\n");
  }
})();
"""


class ScriptVerifier:
    """A running node that answers one bundle after the other."""

    def __init__(self, folder: Path, *, small_steps: bool = False) -> None:
        core = core_js()
        if small_steps:  # read as if every file were a large one
            for large in ("CHUNK = 1 << 22", "ONE_SHOT = 64 << 20"):
                assert large in core
                core = core.replace(large, large.split("=")[0] + "= 777")
        script = folder / "verifier.js"
        script.write_text('"use strict";\n' + core + DRIVER, encoding="utf-8")
        self._node = subprocess.Popen(
            ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._node.communicate(timeout=20)

    def check(self, bundle: bytes) -> dict[str, Any]:
        """Give the answer for one bundle; a crash of the script is an error."""
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(len(bundle).to_bytes(4, "little") + bundle)
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert "crash" not in answer, answer["crash"]
        return answer


def ask(script: ScriptVerifier, bundle: bytes) -> dict[str, Any]:
    """Give the answer of both verifiers, which must be one."""
    answer = check_bundle(BytesIO(bundle)).as_json()
    for reason in answer["reasons"]:
        assert reason.pop("detail")
    assert script.check(bundle) == json.loads(json.dumps(answer))
    return answer


def reasons(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(reason["code"], reason["path"]) for reason in answer["reasons"]}
