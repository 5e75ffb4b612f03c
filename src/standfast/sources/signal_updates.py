# SPDX-License-Identifier: Apache-2.0
"""What Signal itself writes into a chat: calls, changed numbers and names, groups, timers.

Rules enforced here:

* a call is a call, from the side that placed it; missed is what nobody took and nobody refused;
* everything else is a line of the app (kind ``system``), with the sort in ``detail`` and whom and
  what it concerns in ``native``; sorts that are new to standfast keep Signal's own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.sources.app_fields import code, text, thing, things, whole
from standfast.sources.app_times import MILLI, from_milliseconds

if TYPE_CHECKING:
    from standfast.sources.app_rows import Said
    from standfast.sources.signal_people import People

_SIMPLE: Final = {
    "identity_update": "security_code_changed",
    "change_number": "number_changed",
}
_GROUP: Final = {
    "groupCreationUpdate": "group_created",
    "groupNameUpdate": "subject_changed",
    "groupAvatarUpdate": "icon_changed",
    "groupDescriptionUpdate": "description_changed",
    "groupAdminStatusUpdate": "admin_changed",
    "groupMemberLeftUpdate": "member_left",
    "groupMemberRemovedUpdate": "member_removed",
    "groupMemberJoinedUpdate": "member_added",
    "groupMemberAddedUpdate": "member_added",
    "groupMemberJoinedByLinkUpdate": "member_added",
    "groupInvitationAcceptedUpdate": "member_added",
    "groupExpirationTimerUpdate": "disappearing_changed",
    "groupMembershipAccessLevelChangeUpdate": "settings_changed",
    "groupAttributesAccessLevelChangeUpdate": "settings_changed",
    "groupAnnouncementOnlyChangeUpdate": "settings_changed",
}
_FIELDS: Final = {
    "expirationTimerChange": "disappearing_changed",
    "profileChange": "profile_changed",
    "learnedProfileChange": "profile_learned",
    "threadMerge": "chats_merged",
    "sessionSwitchover": "session_switched",
    "pollTerminate": "poll_ended",
    "pinMessage": "pinned",
}


def is_update(item: dict[str, Any]) -> bool:
    """Say whether the app wrote this item."""
    return isinstance(item.get("updateMessage"), dict)


def tell_update(update: dict[str, Any], said: Said, people: People, zone: str) -> None:
    """Fill in what an update says."""
    if "individualCall" in update:
        _call(thing(update, "individualCall"), said, zone)
        return
    if "groupCall" in update:
        _group_call(thing(update, "groupCall"), said, people, zone)
        return
    said.kind, said.direction = "system", "system"
    simple = code(text(thing(update, "simpleUpdate"), "type"))
    changes = things(thing(update, "groupChange"), "updates")
    if simple:
        said.detail = _SIMPLE.get(simple, simple)
    elif changes:
        _group(changes, said, people)
    else:
        name = next(iter(update), "update")
        said.detail = _FIELDS.get(name, code(name))
        _tell_change(thing(update, name), said)


def _tell_change(data: dict[str, Any], said: Said) -> None:
    said.note("timer_ms", text(data, "expiresInMs"))
    names = [text(data, name) for name in ("previousName", "newName")]
    said.note("previous_name", names[0])
    said.note("new_name", names[1])
    said.text = " → ".join(names) if all(names) else ""
    for name in ("previousE164", "e164"):
        number = text(data, name).removeprefix("+")
        said.note("previous_number", f"+{number}" if number else "")
    said.note("previous_username", text(data, "username"))


def _group(changes: list[dict[str, Any]], said: Said, people: People) -> None:
    told = [(name, data) for one in changes for name, data in one.items()]
    first = told[0] if told else ("update", {})
    said.detail = _GROUP.get(first[0], code(first[0]))
    said.text = text(first[1], "newGroupName") or text(first[1], "newDescription")
    said.note("changes", [{"sort": name, **_resolved(data, people)} for name, data in told])


def _resolved(data: Any, people: People) -> dict[str, Any]:
    """Put addresses where account ids stand."""
    known = data if isinstance(data, dict) else {}
    return {
        name: people.named(str(value)) if name.lower().endswith("aci") else value
        for name, value in known.items()
        if isinstance(value, (str, int))
    }


def _call(data: dict[str, Any], said: Said, zone: str) -> None:
    said.kind = "call"
    state = text(data, "state")
    sides = {"INCOMING": "in", "OUTGOING": "out"}
    said.direction = sides.get(text(data, "direction"), "unknown")
    video = text(data, "type") == "VIDEO_CALL"
    if state.startswith("MISSED"):
        said.detail = "missed_video_call" if video else "missed_voice_call"
    elif state == "NOT_ACCEPTED" and said.direction == "in":
        said.detail = "rejected"
    else:
        said.detail = {"in": "incoming", "out": "outgoing"}.get(said.direction, "call")
    if said.direction == "out":
        said.sender = ""
    _about_call(data, said, zone)


def _about_call(data: dict[str, Any], said: Said, zone: str) -> None:
    started = from_milliseconds(whole(data, "startedCallTimestamp"), zone)
    if started.wall is not None:
        said.moment = started
    said.note("call_state", code(text(data, "state")))
    said.note("call_type", code(text(data, "type")))
    said.note("call_id", text(data, "callId"))


def _group_call(data: dict[str, Any], said: Said, people: People, zone: str) -> None:
    said.kind = "call"
    state = text(data, "state")
    ringer = people.who(data, "ringerRecipientId")
    if not (ringer.address or ringer.is_self):
        ringer = people.who(data, "startedCallRecipientId")
    known = bool(ringer.address or ringer.is_self)
    said.direction = ("out" if ringer.is_self else "in") if known else "unknown"
    said.sender = ringer.address
    ways = {"DECLINED": "rejected", "OUTGOING_RING": "outgoing"}
    missed = state.startswith("MISSED")
    said.detail = "missed" if missed else ways.get(state, "group_call")
    _about_call(data, said, zone)
    started, ended = whole(data, "startedCallTimestamp"), whole(data, "endedCallTimestamp")
    if started and ended and ended >= started:
        taken = state in {"JOINED", "ACCEPTED"}
        said.note("duration_s" if taken else "call_went_on_s", (ended - started) // MILLI)
