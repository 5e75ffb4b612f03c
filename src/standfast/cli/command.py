# SPDX-License-Identifier: Apache-2.0
"""What every command has: a language, an exit code for every error, help in both languages."""

from __future__ import annotations

import locale
import os
import sys
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standfast.cli import click_words
from standfast.cli.output import tell, tell_error
from standfast.cli.progress import TerminalProgress
from standfast.errors import StandfastError, WrongUsage, places_of
from standfast.i18n import LANGUAGES, N_, _, set_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from standfast.desk import Desk
    from standfast.vault.opening import Unlock

INTERRUPTED = 130
FD_LIMIT = 4096


class Translated(click.Command):
    """Help that speaks the language in force; mixed into commands and groups."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help text."""
        kept = self.help
        self.help = _(kept) if kept else kept
        super().format_help_text(ctx, formatter)
        self.help = kept

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Give what stands in the usage line."""
        return click_words.usage(super().collect_usage_pieces(ctx))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give ``--help``, which is asked for again whenever the help is written."""
        return click_words.help_option(super().get_help_option(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click gives a limit
        """Give the first sentence, whole."""
        whole = " ".join(_(self.help).split("\n\n")[0].split()) if self.help else ""
        first, stop, _rest = whole.partition(". ")
        return first + stop.rstrip()


class TranslatedOption(click.Option):
    """An option whose help speaks the language in force."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Give the option and its words."""
        kept = self.help
        self.help = _(kept) if kept else kept
        record = super().get_help_record(ctx)
        self.help = kept
        return record


def option(*names: str, help: str, **facts: Any) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """Declare an option with translated help."""
    return click.option(*names, cls=TranslatedOption, help=help, **facts)


def speak_at_first() -> None:
    """Choose the language of this computer before any option is read."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    set_language(wanted or locale.getlocale()[0] or "en")


def _take_language(_ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value:
        set_language(value)


def language_option() -> Callable[[Any], Any]:
    """Declare ``--lang``."""
    return option(
        "--lang",
        type=click.Choice(LANGUAGES),
        is_eager=True,
        expose_value=False,
        callback=_take_language,
        help=N_("Language of what is shown; the computer's own if not given."),
    )


def command(name: str, text: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command: its errors become sentences and exit codes."""

    def declare(function: Callable[..., Any]) -> click.Command:
        decorated = language_option()(_guarded(function))
        return click.command(name, cls=Translated, help=text)(decorated)

    return declare


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(*args: Any, **options: Any) -> None:
        try:
            function(*args, **options)
        except StandfastError as problem:
            tell_error(problem)
            sys.exit(problem.exit_code)
        except KeyboardInterrupt:
            tell(_("Stopped. What was committed until now is kept; the same command goes on."))
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        except Exception as bug:  # noqa: BLE001 - a bug of ours must not show what a case holds
            _tell_bug(bug)
            sys.exit(StandfastError.exit_code)

    return run


def _tell_bug(bug: Exception) -> None:
    """Say that it is our fault and where, and nothing that was being worked on."""
    tell(_("This is our fault, not yours. What the case held before is unchanged."))
    tell("→ " + _("Please report these lines; they name places in the program, no content:"))
    for line in places_of(bug):
        tell(f"   {line}")


def json_option() -> Callable[[Any], Any]:
    """Declare ``--json``."""
    return option("--json", "as_json", is_flag=True, help=N_("Print one JSON object."))


def case_argument() -> Callable[[Any], Any]:
    """Declare the argument CASE."""
    return click.argument("case", type=click.Path(path_type=Path))


def unlock_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare the ways to open a case; none of them takes a secret as an argument."""
    for declare in (
        option(
            "--passphrase-fd",
            type=int,
            metavar="N",
            help=N_("Read the passphrase from this file descriptor instead of asking."),
        ),
        option(
            "--recovery",
            is_flag=True,
            help=N_("Open with the recovery code instead; it is asked for."),
        ),
        option(
            "--identity",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help=N_("Open with an age identity, read from this file."),
        ),
    ):
        function = declare(function)
    return function


def secret(passphrase_fd: int | None, prompt: str, *, twice: bool = False) -> str:
    """Get a passphrase: from a file descriptor, or by asking without showing it.

    Raises:
        WrongUsage: there is nobody to ask, or the descriptor gives nothing.
    """
    if passphrase_fd is not None:
        try:
            with os.fdopen(passphrase_fd, "rb", closefd=False) as file:
                return file.read(FD_LIMIT).split(b"\n")[0].decode().rstrip("\r")
        except (OSError, UnicodeDecodeError) as problem:
            raise WrongUsage(
                _("No passphrase could be read from that file descriptor."),
                hint=_("For example: --passphrase-fd 3 3< FILE"),
            ) from problem
    if not sys.stdin.isatty():
        raise WrongUsage(
            _("The passphrase is asked for on a terminal, and there is none."),
            hint=_("Give it through --passphrase-fd, for example --passphrase-fd 3 3< FILE"),
        )
    try:
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True))
    except click.Abort as problem:
        raise KeyboardInterrupt from problem


@contextmanager
def opened(case: Path, how: dict[str, Any], *, write: bool = False) -> Iterator[Desk]:
    """Open a case as the options say; what an interrupted run left is said."""
    from standfast.desk import Desk  # noqa: PLC0415 - help and mistakes must answer at once
    from standfast.vault.casefile import read_case_file  # noqa: PLC0415 - likewise

    read_case_file(case)  # whether there is a case at all is said before anything is asked
    with Desk.open_case(case, _unlock(how), write=write) as desk:
        if desk.vault.problems:
            tell(_("This case is damaged and can only be read; “standfast verify” says more."))
        elif desk.vault.recovered:
            tell(_("An interrupted run was put in order; everything it had finished is there."))
            if "set_aside" in desk.vault.recovered:
                tell(
                    _(
                        "Files that the log does not name were moved to the folder set-aside. If "
                        "nothing of yours was interrupted, an older log may have been put back: "
                        "compare with “standfast verify CASE --against BUNDLE”."
                    )
                )
        yield desk


def _unlock(how: dict[str, Any]) -> Unlock:
    from standfast.vault.opening import Unlock  # noqa: PLC0415 - likewise

    if how.get("identity"):
        with how["identity"].open("rb") as file:
            lines = file.read(FD_LIMIT).decode("ascii", "replace").splitlines()
        return Unlock(identity=next((x for x in lines if x and not x.startswith("#")), ""))
    if how.get("recovery"):
        return Unlock(recovery_code=secret(how.get("passphrase_fd"), _("Recovery code")))
    return Unlock(secret(how.get("passphrase_fd"), _("Passphrase")))


@contextmanager
def progress() -> Iterator[TerminalProgress]:
    """Draw progress on the terminal while a block runs."""
    bar = TerminalProgress()
    try:
        yield bar
    finally:
        bar.stop()
