# SPDX-License-Identifier: Apache-2.0
"""The bundle in the words of CASE/UCO, as JSON-LD, for tools of the forensic community.

Rules enforced here:

* every action is an ``InvestigativeAction`` whose results include a ``ProvenanceRecord``
  (as the maintainers of CASE ask: casework/CASE#136, #146);
* only what the bundle itself shows is said, and only in plain terms: files with their hashes,
  messages with text, time and the addresses as written; nobody is named a suspect;
* the same input gives the same bytes: identifiers are derived (UUID 5), not drawn.

Terms: https://ontology.caseontology.org (CASE 1.x) and https://ontology.unifiedcyberontology.org
(UCO 1.x).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CASE = "https://ontology.caseontology.org/case/"
UCO = "https://ontology.unifiedcyberontology.org/uco/"
CONTEXT = {
    "case-investigation": f"{CASE}investigation/",
    "kb": "urn:standfast:",
    "uco-action": f"{UCO}action/",
    "uco-core": f"{UCO}core/",
    "uco-observable": f"{UCO}observable/",
    "uco-tool": f"{UCO}tool/",
    "uco-types": f"{UCO}types/",
    "uco-vocabulary": f"{UCO}vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An original in the bundle.

    Attributes:
        number: as in the dossier and in the file name.
        kept_at: when it was entered in the ledger, UTC.
    """

    number: int
    sha256: str
    size: int
    name: str
    media_type: str
    file: str
    kept_at: str


def case_jsonld(
    *,
    case: str,
    title: str,
    app: str,
    exhibits: Iterable[Exhibit],
    events: Iterable[Mapping[str, Any]],
) -> bytes:
    """Write ``data/case.jsonld``: the exhibits, and of the disclosed events the messages.

    ``events`` are the parsed lines of ``data/events``.
    """
    graph = _Graph(case)
    tool = graph.node("tool", app, {"@type": "uco-tool:Tool", "uco-core:name": app})
    held = {exhibit.sha256: graph.exhibit(exhibit, tool) for exhibit in exhibits}
    for number, event in enumerate(events):
        if event.get("kind") in {"message", "mail"}:
            graph.message(number, event, held)
    graph.readings(tool, held)
    investigation = {
        "@type": "case-investigation:Investigation",
        "uco-core:name": title,
        "uco-core:object": [_ref(node["@id"]) for node in graph.nodes],
    }
    graph.node("investigation", case, investigation)
    whole = {"@context": CONTEXT, "@graph": graph.nodes}
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _ref(identifier: str) -> dict[str, str]:
    return {"@id": identifier}


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}


@dataclass(slots=True)
class _Graph:
    case: str
    nodes: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)
    read: dict[str, list[str]] = field(default_factory=dict)

    def identifier(self, kind: str, key: str) -> str:
        name = f"standfast/{self.case}/{kind}/{key}"
        return f"kb:{kind}-{uuid5(NAMESPACE_URL, name)}"

    def node(self, kind: str, key: str, body: Mapping[str, Any]) -> str:
        identifier = self.identifier(kind, key)
        self.nodes.append({"@id": identifier, **body})
        return identifier

    def part(self, kind: str, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Give a facet: a node that stands inside another."""
        return {"@id": self.identifier(kind, key), **body}

    def exhibit(self, exhibit: Exhibit, tool: str) -> str:
        """Add an original: the file, the action that kept it, the record of its provenance."""
        key = f"{exhibit.number}"
        file = self.node("file", key, self._file(exhibit, key))
        record = self._record(key, exhibit, file)
        action = {
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": "kept",
            "uco-core:description": "The original was entered in the ledger, byte for byte.",
            "uco-action:endTime": _typed("dateTime", exhibit.kept_at),
            "uco-action:instrument": _ref(tool),
            "uco-action:result": [_ref(file), _ref(record)],
        }
        self.node("action", f"keep/{key}", action)
        return file

    def _file(self, exhibit: Exhibit, key: str) -> dict[str, Any]:
        size = _typed("integer", str(exhibit.size))
        method = {"@type": "uco-vocabulary:HashNameVocab", "@value": "SHA256"}
        hashed = {
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": method,
            "uco-types:hashValue": _typed("hexBinary", exhibit.sha256),
        }
        named = {
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": exhibit.name,
            "uco-observable:filePath": exhibit.file,
            "uco-observable:sizeInBytes": size,
        }
        content = {
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:hash": [self.part("hash", key, hashed)],
            "uco-observable:sizeInBytes": size,
        }
        if exhibit.media_type:
            content["uco-observable:mimeType"] = exhibit.media_type
        facets = [self.part("file-facet", key, named), self.part("content-facet", key, content)]
        return {"@type": "uco-observable:File", "uco-core:hasFacet": facets}

    def _record(self, key: str, exhibit: Exhibit, file: str) -> str:
        body = {
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": f"{exhibit.number:04d}",
            "uco-core:description": f"Original, SHA-256 {exhibit.sha256}",
            "uco-core:object": [_ref(file)],
        }
        return self.node("provenance", f"keep/{key}", body)

    def message(self, number: int, event: Mapping[str, Any], held: Mapping[str, str]) -> None:
        """Add a message; one from an item that is not in the bundle is left to its events."""
        item = str(event.get("locator", {}).get("item", ""))
        if item not in held:
            return
        facet: dict[str, Any] = {
            "@type": "uco-observable:MessageFacet",
            "uco-observable:messageText": str(event.get("text", "")),
        }
        channel = str(event.get("channel", ""))
        if event.get("utc"):
            facet["uco-observable:sentTime"] = _typed("dateTime", str(event["utc"]))
        if event.get("sender"):
            facet["uco-observable:from"] = _ref(self.account(channel, str(event["sender"])))
        to = [_ref(self.account(channel, str(name))) for name in event.get("recipients", [])]
        if to:
            facet["uco-observable:to"] = to
        key = f"{number}"
        body = {
            "@type": "uco-observable:Message",
            "uco-core:hasFacet": [self.part("message-facet", key, facet)],
        }
        self.read.setdefault(item, []).append(self.node("message", key, body))

    def account(self, channel: str, address: str) -> str:
        """Add an account once, by the address as the source writes it."""
        known = self.accounts.get((channel, address))
        if known is None:
            key = f"{channel}/{address}"
            facet = {
                "@type": "uco-observable:AccountFacet",
                "uco-observable:accountIdentifier": address,
            }
            body = {
                "@type": "uco-observable:ObservableObject",
                "uco-core:hasFacet": [self.part("account-facet", key, facet)],
            }
            known = self.accounts[channel, address] = self.node("account", key, body)
        return known

    def readings(self, tool: str, held: Mapping[str, str]) -> None:
        """Add for each original that messages were read from the action and its record."""
        for item, messages in sorted(self.read.items()):
            record = {
                "@type": "case-investigation:ProvenanceRecord",
                "uco-core:description": f"Messages read from the original, SHA-256 {item}",
                "uco-core:object": [_ref(message) for message in messages],
            }
            results = [_ref(self.node("provenance", f"read/{item}", record))]
            action = {
                "@type": "case-investigation:InvestigativeAction",
                "uco-core:name": "read",
                "uco-core:description": "Messages were read from the original.",
                "uco-action:instrument": _ref(tool),
                "uco-action:object": [_ref(held[item])],
                "uco-action:result": results + [_ref(message) for message in messages],
            }
            self.node("action", f"read/{item}", action)
