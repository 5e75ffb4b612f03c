// SPDX-License-Identifier: Apache-2.0
// What was found, and the answer that follows from it.

const CANNOT = new Set(["not_a_bundle", "schema_unknown", "too_large", "unreadable"]);
const isTimeOnly = (code) =>
  code.startsWith("anchor_") && code !== "anchor_consistency" && code !== "anchor_file";

class Report {
  constructor() {
    this.found = new Map();
    this.stamps = [];
    this.counts = null;
    this.caseId = "";
    this.key = null;
    this.sealed = [];
    this.files = 0;
    this.intact = 0;
  }

  add(code, path) {
    this.found.set(code + "\n" + path, { code, path });
  }
}

function verdictOf(report) {
  const reasons = [...report.found.values()];
  reasons.sort((a, b) => byCodePoint(a.code, b.code) || byCodePoint(a.path, b.path));
  const sealHolds = report.sealed.length === 4 && report.sealed.every(Boolean);
  let verdict = report.counts?.partial ? "genuine_partial" : "genuine";
  if (reasons.some(({ code }) => !CANNOT.has(code) && !isTimeOnly(code))) verdict = "altered";
  else if (reasons.some(({ code }) => CANNOT.has(code))) verdict = "cannot_tell";
  const genuine = verdict.startsWith("genuine");
  const broken = ({ code }) => code.startsWith("anchor_") && code !== "anchor_unsupported";
  let state = report.stamps.length && genuine ? "stated" : "none";
  if (reasons.some(broken)) state = "broken";
  const paths = reasons.filter(({ code }) => !CANNOT.has(code)).map(({ path }) => path || ".");
  const affected = [...new Set(paths)].sort(byCodePoint);
  let fingerprint = "";
  if (report.key) {
    const digest = hex(sha256(report.key)).toUpperCase();
    fingerprint = digest.slice(0, 32).match(/.{4}/g).join(" ");
  }
  return {
    schema: 1,
    verdict,
    timestamp: { state, stamps: state === "stated" ? report.stamps : [] },
    reasons,
    affected: sealHolds || !affected.length ? affected : ["*"],
    seal_holds: sealHolds,
    intact: sealHolds ? report.intact : 0,
    files: report.files,
    counts: genuine && report.counts ? report.counts : {},
    case: sealHolds ? report.caseId : "",
    fingerprint,
  };
}
