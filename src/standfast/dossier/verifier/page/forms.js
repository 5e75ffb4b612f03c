// SPDX-License-Identifier: Apache-2.0
// Texts that have one form: JSON, the signed head, ledger entries, proofs, contents; Merkle trees.

const MAX_DEPTH = 32;
const MANIFEST = "manifest-sha256.txt";
const TAG_MANIFEST = "tagmanifest-sha256.txt";
const HEAD = "proof/head.note";
const PROOFS = "proof/proofs.json";
const CONTENTS = "data/contents.json";
const SEALED_TAGS = ["READ-ME-FIRST.txt", "bag-info.txt", "bagit.txt", "verify.html", "verify.py"];
const REQUIRED = [...SEALED_TAGS, MANIFEST, TAG_MANIFEST, HEAD, PROOFS, CONTENTS];
const BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const hasOwn = (value, name) => Object.prototype.hasOwnProperty.call(value, name);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isString = (value) => typeof value === "string";
const isText = (value, pattern) => isString(value) && pattern.test(value);
const HEX32 = /^[0-9a-f]{32}$/;
const HEX64 = /^[0-9a-f]{64}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$/;

function hasKeys(value, ...keys) {
  return isObject(value) && Object.keys(value).sort().join("\n") === keys.sort().join("\n");
}

function shallow(value, level = 0) {
  if (typeof value !== "object" || value === null) return true;
  return level < MAX_DEPTH && Object.values(value).every((part) => shallow(part, level + 1));
}

// Orders texts by code point, as UTF-8 does (a plain sort would go by UTF-16).
function byCodePoint(one, two) {
  return compareBytes(toUtf8(one), toUtf8(two));
}

function canonicalText(value) {
  if (Array.isArray(value)) return "[" + value.map(canonicalText).join(",") + "]";
  if (isObject(value)) {
    const keys = Object.keys(value).sort(byCodePoint);
    return "{" + keys.map((k) => canonicalText(k) + ":" + canonicalText(value[k])).join(",") + "}";
  }
  if (typeof value === "number") {
    need(Number.isSafeInteger(value));
    return String(value);
  }
  if (isString(value)) need(!/[\ud800-\udfff]/u.test(value)); // half a character
  return JSON.stringify(value);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed();
  }
}

function parseCanonical(data) {
  const text = fromUtf8(data);
  const value = parsed(text);
  need(shallow(value) && canonicalText(value) === text);
  return value;
}

function parseEvent(line) {
  const value = parsed(fromUtf8(line));
  need(isObject(value) && shallow(value));
  return value;
}

function hexList(value) {
  need(Array.isArray(value) && value.every((part) => isText(part, HEX64)));
  return value.map(fromHex);
}

// --- the Merkle tree (RFC 9162) ---

const ONE = Uint8Array.of(1);
const ZERO = Uint8Array.of(0);
const node = (left, right) => sha256(ONE, left, right);

function split(count) {
  let half = 1;
  while (half * 2 < count) half *= 2;
  return half;
}

// Gives the root that the leaves in `ranges` (inclusive) and the other subtrees lead to.
function rootOf(size, ranges, leaves, hashes) {
  let usedLeaves = 0;
  let usedHashes = 0;
  const firstFrom = (start) => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranges[middle][1] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const visit = (start, end) => {
    const at = firstFrom(start);
    if (at === ranges.length || ranges[at][0] >= end) {
      need(usedHashes < hashes.length);
      return hashes[usedHashes++];
    }
    if (end - start === 1) {
      need(usedLeaves < leaves.length);
      return leaves[usedLeaves++];
    }
    const middle = start + split(end - start);
    const left = visit(start, middle);
    return node(left, visit(middle, end));
  };
  const root = size ? visit(0, size) : sha256();
  need(usedHashes === hashes.length && usedLeaves === leaves.length);
  return root;
}

// Tells whether one head continues another (RFC 9162, 2.1.4.2).
function continues(old, oldRoot, size, root, path) {
  if (old === size) return path.length === 0 && same(oldRoot, root);
  if (!(old >= 1 && old < size)) return false;
  const steps = split(old + 1) === old ? [oldRoot, ...path] : path;
  if (!steps.length) return false;
  let first = BigInt(old - 1);
  let last = BigInt(size - 1);
  while (first & 1n) [first, last] = [first >> 1n, last >> 1n];
  let before = steps[0];
  let after = steps[0];
  for (const step of steps.slice(1)) {
    if (last === 0n) return false;
    if (first & 1n || first === last) {
      before = node(step, before);
      after = node(step, after);
      while (!(first & 1n) && first) [first, last] = [first >> 1n, last >> 1n];
    } else {
      after = node(after, step);
    }
    [first, last] = [first >> 1n, last >> 1n];
  }
  return last === 0n && same(before, oldRoot) && same(after, root);
}

// --- the signed head (C2SP signed-note, tlog-checkpoint) ---

const NOTE = new RegExp(
  "^((standfast/[0-9a-f]{32})\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n)" +
    "\n\u2014 (standfast/[0-9a-f]{32}) ([A-Za-z0-9+/]{91}=)\n$",
);

function parseHead(data) {
  const found = NOTE.exec(fromUtf8(data));
  need(found !== null && found[2] === found[5] && Number.isSafeInteger(Number(found[3])));
  const blob = base64Bytes(found[6]);
  return {
    origin: found[2],
    size: Number(found[3]),
    root: base64Bytes(found[4]),
    keyHash: blob.slice(0, 4),
    signature: blob.slice(4),
    signed: toUtf8(found[1]),
  };
}

async function headFault(head, caseId, key) {
  const origin = "standfast/" + caseId;
  const expected = sha256(toUtf8(origin), Uint8Array.of(10, 1), key).slice(0, 4);
  if (head.origin !== origin || !same(head.keyHash, expected)) return "head_key";
  return (await ed25519Valid(key, head.signature, head.signed)) ? "" : "head_signature";
}

// --- ledger entries, proofs.json, contents.json ---

const isHash = (value) => isText(value, HEX64);
const BODIES = new Map([
  ["case", { case: (v) => isText(v, HEX32), key: isString }],
  ["item", { sha256: isHash, size: isCount, name: isString, media_type: isString }],
  ["reading", { item: isHash, events: isCount, root: isHash }],
  ["erase", { item: isHash }],
  ["export", { kind: isString }],
  ["anchor", { state: isString, files: isFiles }],
]);

function isFiles(value) {
  return isObject(value) && Object.entries(value).every(([name, digest]) =>
    isText(name, /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,118}$/) && isHash(digest));
}

function parseEntry(data, index) {
  const entry = parseCanonical(data);
  need(isObject(entry) && hasOwn(entry, "v") && isCount(entry.v));
  if (entry.v > 1) throw new Newer();
  need(hasKeys(entry, "app", "at", "body", "salt", "seq", "type", "v") && entry.v === 1);
  need(isString(entry.app) && isText(entry.at, TIME));
  need(isText(entry.salt, HEX64) && isObject(entry.body));
  need(isCount(entry.seq) && entry.seq === index);
  need(isText(entry.type, /^[a-z][a-z0-9_.-]{0,39}$/));
  for (const [name, fits] of Object.entries(BODIES.get(entry.type) ?? {})) {
    need(hasOwn(entry.body, name) && fits(entry.body[name]));
  }
  return entry;
}

function withSchema(value) {
  need(isObject(value) && hasOwn(value, "schema"));
  need(isCount(value.schema) && value.schema > 0);
  if (value.schema > 1) throw new Newer();
  return value;
}

function parseProofs(data) {
  const value = withSchema(parseCanonical(data));
  need(hasKeys(value, "anchors", "case", "key", "ledger", "readings", "schema"));
  need(isText(value.case, HEX32));
  const key = base64Bytes(value.key);
  const ledger = value.ledger;
  need(key.length === 32 && hasKeys(ledger, "size", "entries", "hashes"));
  need(isCount(ledger.size) && ledger.size >= 1 && Array.isArray(ledger.entries));
  const entries = [];
  let before = -1;
  for (const pair of ledger.entries) {
    need(Array.isArray(pair) && pair.length === 2 && isCount(pair[0]));
    need(before < pair[0] && pair[0] < ledger.size);
    entries.push([pair[0], base64Bytes(pair[1])]);
    before = pair[0];
  }
  need(Array.isArray(value.readings) && Array.isArray(value.anchors));
  const readings = value.readings.map(parseReading);
  const anchors = value.anchors.map(parseAnchor);
  need(readings.every((one, i) => i === 0 || readings[i - 1].entry < one.entry));
  const hashes = hexList(ledger.hashes);
  return {
    caseId: value.case, key, keyText: value.key, size: ledger.size, entries, hashes, readings, anchors,
  };
}

function parseReading(value) {
  need(hasKeys(value, "entry", "count", "file", "leaves", "salts", "hashes"));
  need(isCount(value.entry) && isCount(value.count) && Array.isArray(value.leaves));
  const ranges = [];
  let before = -2;
  let shown = 0;
  for (const pair of value.leaves) {
    need(Array.isArray(pair) && pair.length === 2 && isCount(pair[0]) && isCount(pair[1]));
    need(before + 1 < pair[0] && pair[0] <= pair[1] && pair[1] < value.count);
    ranges.push(pair);
    before = pair[1];
    shown += pair[1] - pair[0] + 1;
  }
  need(isText(value.file, ranges.length ? /^data\/events\/[0-9]{4,8}\.jsonl$/ : /^$/));
  const salts = base64Bytes(value.salts);
  const hashes = hexList(value.hashes);
  need(salts.length === 16 * shown);
  return { entry: value.entry, count: value.count, file: value.file, ranges, salts, hashes, shown };
}

function parseAnchor(value) {
  const place = /^proof\/anchors\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,118}$/;
  need(hasKeys(value, "note", "size", "consistency", "responses"));
  need(isText(value.note, place) && isCount(value.size) && value.size >= 1);
  need(Array.isArray(value.responses));
  const responses = value.responses.map((part) => {
    need(hasKeys(part, "tsq", "tsr", "chain"));
    need(["tsq", "tsr", "chain"].every((name) => isText(part[name], place)));
    return [part.tsq, part.tsr, part.chain];
  });
  return { note: value.note, size: value.size, consistency: hexList(value.consistency), responses };
}

function parseContents(data) {
  const value = withSchema(parseCanonical(data));
  need(hasKeys(value, "schema", "items", "withheld", "events", "language", "title"));
  need(Array.isArray(value.items) && isObject(value.withheld));
  for (const item of value.items) {
    need(hasKeys(item, "sha256", "size", "name", "file", "why") && isHash(item.sha256));
    need(isCount(item.size) && isString(item.name));
    if (item.file === null) need(item.why === "withheld" || item.why === "erased");
    else need(isText(item.file, /^data\/originals\/[A-Za-z0-9._-]+$/) && item.why === "");
  }
  need(Object.values(value.withheld).every(isCount));
  need(hasKeys(value.events, "disclosed", "total"));
  need(isCount(value.events.disclosed) && isCount(value.events.total));
  need(isString(value.language) && isString(value.title));
  return value;
}

function parseManifest(data) {
  const listed = new Map();
  let before = "";
  const text = latin1(data);
  need(text === "" || text.endsWith("\n"));
  for (const line of text.split("\n").slice(0, -1)) {
    const found = /^([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,240})$/.exec(line);
    need(found !== null && found[2] > before);
    before = found[2];
    listed.set(before, found[1]);
  }
  return listed;
}
