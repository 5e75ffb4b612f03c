# SPDX-License-Identifier: Apache-2.0
from click.testing import CliRunner

from standfast.cli.command import command
from standfast.cli.output import visible


def test_a_bug_of_ours_says_so_and_shows_nothing_that_was_worked_on() -> None:
    @command("broken", "Break.")
    def broken() -> None:
        secret = "I know where you live"
        raise KeyError(secret)

    done = CliRunner().invoke(broken, [])
    assert done.exit_code == 1
    assert "our fault" in done.output
    assert "KeyError" in done.output
    assert "test_cli_command.py" in done.output
    assert "I know" not in done.output


def test_what_came_from_outside_is_spelled() -> None:
    assert visible("a\x1b[2Jb\u202ec\u200bd\ne") == "a[U+001B][2Jb[U+202E]c[U+200B]d ⏎ e"
    assert visible("👩‍👧 ok") == "👩‍👧 ok"
    assert visible("x" * 2100).endswith("… (+100)")
