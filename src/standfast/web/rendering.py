# SPDX-License-Identifier: Apache-2.0
"""Templates: values are escaped, an unknown one is an error, words are the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from markupsafe import Markup

from standfast.i18n import _, language, ngettext
from standfast.model.harmless import harmless
from standfast.model.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2.runtime import Context

TEMPLATES = Path(__file__).parent / "templates"
UNITS = ("B", "KB", "MB", "GB")
THOUSAND = 1000
PLACES = {"en": "en_GB"}
"""How times and numbers are written: no month that could be a day, no noon that could be night."""


@cache
def environment() -> Environment:
    """Make the templates' environment."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        optimized=False,  # else a filter on a constant keeps the language of whoever came first
    )
    made.globals |= {"_": _, "ngettext": ngettext, "static": static, "csrf": csrf}
    made.filters |= {
        "legible": harmless, "moment": moment, "day": day, "size": size, "number": number,
    }  # fmt: skip
    return made


def render(template: str, facts: Mapping[str, Any]) -> str:
    """Fill a template."""
    return environment().get_template(template).render(facts)


def static(name: str) -> str:
    """Give the address of a file of ours."""
    return f"/z/{name}"


@pass_context
def csrf(context: Context) -> Markup:
    """Give the hidden field that says a form is ours."""
    return Markup('<input type="hidden" name="form" value="{}">').format(context["form_token"])


def place() -> str:
    """Give the place whose way of writing times and numbers fits the language."""
    return PLACES.get(language(), language())


def moment(value: int | str | None) -> str:
    """Word a time: microseconds of a wall clock, or an ISO stamp (UTC, said so)."""
    if value is None or value == "":
        return _("time unknown")
    if isinstance(value, int):
        return str(format_datetime(from_micros(value), "medium", locale=place()))
    stamp = datetime.fromisoformat(value)
    words = str(format_datetime(stamp, "medium", tzinfo=UTC, locale=place()))
    return words + " UTC" if stamp.tzinfo else words


def day(value: str) -> str:
    """Word an ISO day."""
    return str(format_date(datetime.fromisoformat(value).date(), "full", locale=place()))


def number(value: int) -> str:
    """Write a whole number."""
    return str(format_decimal(value, locale=place()))


def size(count: int) -> str:
    """Write a number of bytes for people."""
    value, unit = float(count), 0
    while value >= THOUSAND and unit < len(UNITS) - 1:
        value, unit = value / THOUSAND, unit + 1
    pattern = "#,##0" if unit == 0 else "#,##0.0"
    return f"{format_decimal(value, pattern, locale=place())} {UNITS[unit]}"
