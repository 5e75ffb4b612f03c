# SPDX-License-Identifier: Apache-2.0
"""What lies beside the evidence in a bundle: the contents, the first page, the certification.

Rules enforced here:

* the table of contents counts everything that is not shown, so that no gap is silent;
* the first page names three ways to check that do not depend on each other, in both languages;
* the certification is a draft with blanks: standfast states only what it did itself, and a lawyer
  decides whether and how it is used.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from importlib import resources
from textwrap import fill
from typing import TYPE_CHECKING

from standfast.i18n import LANGUAGES, SOURCE_LANGUAGE, _, speaking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA = 1
WIDTH = 78
BLANK = "_" * 40
OPENSSL = """\
       cd proof/anchors
       openssl ts -reply -in NAME.tsr -text
       openssl ts -verify -in NAME.tsr -data NUMBER.note -CAfile NAME.pem \\
           -untrusted NAME.pem -attime $(date -u -d 'TIMESTAMP' +%s)"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One ``item`` entry of the ledger, as the table of contents tells of it.

    Attributes:
        file: its place in the bundle, or none.
        why: ``""`` when it is there, else ``withheld`` or ``erased``.
    """

    sha256: str
    size: int
    name: str
    file: str | None
    why: str


def contents_json(  # noqa: PLR0913 - each is one field of the file, all are named
    *,
    items: Sequence[Listed],
    withheld: Mapping[str, int],
    events_shown: int,
    events_all: int,
    language: str,
    title: str,
) -> bytes:
    """Write ``data/contents.json``.

    ``items`` are all disclosed ``item`` entries in the ledger's order; ``withheld`` counts the
    undisclosed entries by type, so that with the disclosed ones (the export, too) they make the
    size of the head; ``events_all`` is the sum over all readings in ``proofs.json``.
    """
    value = {
        "schema": SCHEMA,
        "items": [asdict(item) for item in items],
        "withheld": dict(withheld),
        "events": {"disclosed": events_shown, "total": events_all},
        "language": language,
        "title": title,
    }
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def _paragraphs(texts: Sequence[str]) -> str:
    """Lay paragraphs out; one that starts with spaces is a command and stays as it is."""
    return "\n\n".join(
        text if text.startswith(" ") else fill(text, WIDTH, break_on_hyphens=False)
        for text in texts
    )


# -- the first page ----------------------------------------------------------------------------


def read_me_first(language: str) -> bytes:
    """Write ``READ-ME-FIRST.txt``: the chosen language first, the others after it."""
    order = sorted(LANGUAGES, key=lambda code: (code != language, code))
    pages = []
    for code in order:
        with speaking(code):
            pages.append(_paragraphs(_first_page()))
    rule = "\n\n" + "=" * WIDTH + "\n\n"
    return (rule.join(pages) + "\n").encode()


def _first_page() -> list[str]:
    return [
        _("READ ME FIRST"),
        _(
            "This is a bundle made with standfast: a report, the originals it rests on, and "
            "proofs. You can check that nothing was changed since it was sealed. You need no "
            "account, no installation and no internet for it."
        ),
        _(
            "What is where: data/dossier.pdf is the report. data/originals holds the originals, "
            "byte for byte. data/events holds what was read from them, one line an event. "
            "data/contents.json lists everything, and counts what was kept back."
        ),
        _("There are three ways to check, and none depends on another."),
        _("1. In a browser: open verify.html and choose the zip file. Nothing is sent anywhere."),
        _("   With Python 3.8 or newer, the same check without a browser:"),
        "       python3 verify.py bundle.zip",
        _("2. With tools of the system alone, in the unpacked folder “bundle”:"),
        "       sha256sum -c manifest-sha256.txt\n       sha256sum -c tagmanifest-sha256.txt",
        _(
            "This shows that files and list agree. Compare the SHA-256 of manifest-sha256.txt "
            "with the one in the last ledger entry, which the signature covers."
        ),
        *_time_page(),
        _(
            "A verifier inside a bundle can be forged together with it. If much depends on the "
            "answer, take verify.py or verify.html from a release of standfast, and compare the "
            "fingerprint of the key with one that the owner of the case gave you another way."
        ),
        _(
            "What this proves: these bytes are the ones that were sealed, by whoever holds the "
            "key, and, with a timestamp, that they existed before that time. It does not prove "
            "who wrote a message or whether it is true."
        ),
    ]


def _time_page() -> list[str]:
    return [
        _(
            "3. The timestamps, if there are any, with openssl. First read the time that is "
            "stated, then check for that time (in seconds since 1970), because the authority's "
            "certificate may have expired since:"
        ),
        OPENSSL,
        _(
            "The last certificate in the .pem file is the root. Whether it is the real one of "
            "that authority, only the authority can say: compare its fingerprint with the "
            "published one."
        ),
    ]


# -- the certification -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What the certification states of its own knowledge: nothing a person has to judge."""

    case: str
    app: str
    fingerprint: str
    items: int
    events: int
    made: str


def certification(*, law: str, language: str, facts: Facts) -> bytes:
    """Draft the custodian's certification.

    ``law`` is the country code of the case (``us``, ``us-ca``, ``de`` …). The wording is data, one
    file a country in ``certifications/``; a country without one gets the plain statement. A form
    made for one country's courts is in that country's language.
    """
    place = resources.files("standfast.dossier") / "certifications"
    country = law.lower().split("-")[0]
    own = place / f"{country}.toml"
    found = own if country.isalpha() and own.is_file() else place / "plain.toml"
    drafts = tomllib.loads(found.read_text(encoding="utf-8"))
    draft = drafts[language if language in drafts else SOURCE_LANGUAGE]
    values = asdict(facts) | {"blank": BLANK}
    texts = [paragraph.format(**values) for paragraph in draft["paragraphs"]]
    return (_paragraphs(texts) + "\n").encode()
