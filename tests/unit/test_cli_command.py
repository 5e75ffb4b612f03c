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


def test_a_long_line_breaks_between_words_under_its_indent_and_never_in_a_fingerprint() -> None:
    from standfast.cli.output import wrapped  # noqa: PLC0415 - only this test looks at lines

    root = "4" * 64
    lines = wrapped(f"short\n  Head: {'word ' * 12}root {root}", 60).split("\n")
    assert lines[0] == "short"
    assert lines[-1] == "  " + root
    assert all(line.startswith("  ") for line in lines[1:])
    assert all(len(line) <= 60 for line in lines[:-1])
