# SPDX-License-Identifier: Apache-2.0
"""Anchoring: having the head of the log timestamped by somebody else.

Rules enforced here:

* nothing is sent without a consent for that host, given after seeing what leaves and who notices;
* while offline the request is queued: the head and the query are kept, and sent another day they
  still prove the head of today;
* an answer that proves nothing is told and enters nothing: what waited goes on waiting;
* query, answer and certificates are stored as they are, with their hashes in the ledger, so that
  the stamp can be checked in ten years.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from standfast.errors import Damaged, WrongUsage
from standfast.i18n import _
from standfast.net import (
    AnswerRefused,
    Consent,
    Request,
    Unreachable,
    ask,
    time_stamping,
    what_will_happen,
)
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft, utc_now
from standfast.vault.stamp_refused import StampRefused
from standfast.vault.timestamp import Stamp, build_query, check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.desk.case import Desk

__all__ = [
    "AnchorReport", "agreed", "anchor", "describe", "queued", "send_queued", "stored_file",
    "what_will_happen",
]  # fmt: skip

QUEUED, STAMPED, REFUSED = "queued", "stamped", "refused"


@dataclass(frozen=True, slots=True)
class AnchorReport:
    """What became of a request for a timestamp.

    ``state`` is ``queued``, ``stamped``, or ``refused`` (an answer came and proves nothing; the
    ledger is as it was); ``time`` is what the authority stated, UTC.
    """

    state: str
    size: int
    url: str
    time: str = ""
    authority: str = ""
    root_fingerprint: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A head to be stamped: its size, the signed note, and the query for it."""

    size: int
    note: bytes
    query: bytes
    files: Mapping[str, str]


def describe(url: str) -> Request:
    """Describe the connection that a timestamp would make, before anyone agrees to it."""
    return time_stamping(url, build_query(sha256(b"").digest()))


def agreed(request: Request) -> Consent:
    """Take a person's yes to a connection whose `what_will_happen` was shown."""
    return Consent(purpose=request.purpose, host=request.host)


def anchor(desk: Desk, url: str, consent: Consent | None) -> AnchorReport:
    """Have the present head stamped; without consent or connection it is queued.

    Raises:
        NotAgreed: the consent is for another host; nothing was sent.
    """
    describe(url)
    wanted = _wanted(desk, url)
    if consent is None:
        return _queue(desk, url, wanted)
    report = _send(desk, url, wanted, consent)
    return _queue(desk, url, wanted, report.trouble) if report.state == QUEUED else report


def queued(desk: Desk) -> tuple[Mapping[str, Any], ...]:
    """Give the requests that are still waiting."""
    return desk.state.waiting


def send_queued(desk: Desk, consent: Consent) -> tuple[AnchorReport, ...]:
    """Send the waiting requests for the host that was agreed to; each asks for its own head.

    Raises:
        WrongUsage: nothing waits for that host.
        Damaged: what waited was changed on the disk.
    """
    waiting = [one for one in queued(desk) if describe(one["url"]).host == consent.host]
    if not waiting:
        raise WrongUsage(_("No request for this authority is waiting."), hint="")
    reports = []
    for one in waiting:
        note = _stored(desk, one["files"], ".note")
        query = _stored(desk, one["files"], ".tsq")
        wanted = _Wanted(one["size"], note, query, one["files"])
        reports.append(_send(desk, one["url"], wanted, consent))
    return tuple(reports)


def _wanted(desk: Desk, url: str) -> _Wanted:
    size, note = len(desk.vault.tree), desk.vault.head_note()
    query = build_query(sha256(note).digest())
    stem = f"{size:012d}-{sha256(url.encode()).hexdigest()[:8]}"
    files = {_note_name(size): note, f"{stem}.tsq": query}
    return _Wanted(size, note, query, _keep(desk, files))


def _note_name(size: int) -> str:
    return f"{size:012d}.note"


def _keep(desk: Desk, files: Mapping[str, bytes]) -> dict[str, str]:
    for name, data in files.items():
        desk.vault.place_checkpoint(name, data)
    return {name: sha256(data).hexdigest() for name, data in files.items()}


def _stored(desk: Desk, files: Mapping[str, str], ending: str) -> bytes:
    name = next(name for name in files if name.endswith(ending))
    data = stored_file(desk, name, files[name])
    if data is None:
        raise Damaged(
            _("A request for a timestamp that was waiting has been changed on the disk."),
            hint=_("The originals and the log are not touched by this. Ask for a new stamp."),
        )
    return data


def stored_file(desk: Desk, name: str, digest: str) -> bytes | None:
    """Give a file beside the head, or nothing when it is not the one the log names."""
    try:
        data = (desk.vault.folder / "checkpoints" / name).read_bytes()
    except OSError:
        return None
    return data if sha256(data).hexdigest() == digest else None


def _queue(desk: Desk, url: str, wanted: _Wanted, trouble: str = "") -> AnchorReport:
    facts = {"state": QUEUED, "size": wanted.size, "url": url, "files": dict(wanted.files)}
    desk.append(Draft(kinds.ANCHOR, facts))
    return AnchorReport(QUEUED, wanted.size, url, trouble=trouble)


def _send(desk: Desk, url: str, wanted: _Wanted, consent: Consent) -> AnchorReport:
    try:
        answer = ask(time_stamping(url, wanted.query), consent)
    except (AnswerRefused, Unreachable) as problem:
        return AnchorReport(QUEUED, wanted.size, url, trouble=problem.message)
    response = answer.untrusted_body
    try:
        stamp = check(response, wanted.query, sha256(wanted.note).digest(), at=utc_now())
    except StampRefused as problem:
        told = f"{problem.message} {problem.hint}"
        return AnchorReport(REFUSED, wanted.size, url, trouble=told)
    stem = next(name for name in wanted.files if name.endswith(".tsq")).removesuffix(".tsq")
    chain = "".join((*stamp.chain, stamp.root)).encode()
    more = _keep(desk, {f"{stem}.tsr": response, f"{stem}.pem": chain})
    desk.append(Draft(kinds.ANCHOR, _facts(url, wanted, stamp, more)))
    return AnchorReport(
        STAMPED, wanted.size, url, stamp.gen_time.isoformat(), stamp.authority,
        stamp.root_fingerprint,
    )  # fmt: skip


def _facts(url: str, wanted: _Wanted, stamp: Stamp, more: Mapping[str, str]) -> dict[str, Any]:
    return {
        "state": STAMPED,
        "size": wanted.size,
        "url": url,
        "files": {**wanted.files, **more},
        "time": stamp.gen_time.isoformat(),
        "authority": stamp.authority,
        "root": stamp.root_fingerprint,
        "root_from": stamp.root_from,
        "checked": stamp.library,
        "remarks": list(stamp.remarks),
    }
