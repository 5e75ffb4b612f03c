// SPDX-License-Identifier: Apache-2.0
// The checks, in the order of verify.py.

const MAX_TEXT = 128 << 20;
const MAX_SMALL = 1 << 20;
const MAX_LINE = 32 << 20;
const TELLING = ["incident", "item"]; // entries that tell of what happened; the others administer

class Check {
  constructor(members, report, progress) {
    this.members = members;
    this.report = report;
    this.progress = progress;
    this.digests = new Map();
    this.entries = new Map();
  }

  async run() {
    if (![MANIFEST, HEAD, PROOFS].some((path) => this.members.has(path))) {
      this.report.found.clear();
      this.report.add("not_a_bundle", "");
      return;
    }
    await this.hashMembers();
    await this.checkBag();
    const proofs = await this.readAs(PROOFS, "proofs_form", parseProofs, MAX_TEXT);
    if (proofs === null) return;
    this.report.key = proofs.key;
    this.report.caseId = proofs.caseId;
    const head = await this.checkHead(proofs);
    this.checkLedger(proofs, head);
    this.checkExport(proofs.size);
    const contents = await this.readAs(CONTENTS, "contents_form", parseContents, MAX_TEXT);
    await this.checkEvents(proofs);
    if (contents !== null) this.checkContents(contents, proofs);
    for (const anchor of proofs.anchors) await this.checkAnchor(anchor, proofs, head);
    this.checkAnchorFiles();
    this.checkExtra(proofs);
  }

  async hashMembers() {
    let total = 0;
    for (const member of this.members.values()) total += member.size;
    let done = 0;
    for (const member of this.members.values()) {
      let crc = 0;
      let digest;
      if (subtle && member.size <= ONE_SHOT) {
        const data = await member.bytes();
        crc = crc32(data, 0);
        digest = new Uint8Array(await subtle.digest("SHA-256", data));
      } else {
        const hash = new Sha256();
        for await (const chunk of member.chunks()) {
          hash.update(chunk);
          crc = crc32(chunk, crc);
          this.progress(done + hash.length, total);
        }
        digest = hash.digest();
      }
      done += member.size;
      this.progress(done, total);
      this.digests.set(member.path, hex(digest));
      if (member.crc !== -1 && crc !== member.crc) this.report.add("checksum", member.path);
    }
  }

  async read(path, limit) {
    const member = this.members.get(path);
    if (!member) {
      this.report.add("file_missing", path);
      return null;
    }
    if (member.size > limit) {
      this.report.add("too_large", path);
      return null;
    }
    return member.bytes();
  }

  async readAs(path, code, parse, limit) {
    const data = await this.read(path, limit);
    if (data === null) return null;
    try {
      return parse(data);
    } catch (problem) {
      if (problem instanceof Newer) this.report.add("schema_unknown", path);
      else if (problem instanceof Malformed) this.report.add(code, path);
      else throw problem;
      return null;
    }
  }

  // 2. the bag
  async checkBag() {
    for (const path of REQUIRED) {
      if (!this.members.has(path)) this.report.add("file_missing", path);
    }
    const all = [...this.members.keys()];
    const payload = all.filter((path) => path.startsWith("data/"));
    const beside = all.filter((path) => !path.startsWith("data/") && path !== TAG_MANIFEST);
    await this.checkManifest(MANIFEST, payload);
    await this.checkManifest(TAG_MANIFEST, beside);
    const expected = hex(sha256(toUtf8(BAGIT)));
    if ((this.digests.get("bagit.txt") ?? expected) !== expected) {
      this.report.add("bag_form", "bagit.txt");
    }
  }

  async checkManifest(name, paths) {
    if (!this.members.has(name)) return;
    const listed = await this.readAs(name, "manifest_form", parseManifest, MAX_TEXT);
    if (listed === null) return;
    const here = new Set(paths);
    let intact = 0;
    for (const [path, digest] of listed) {
      if (!here.has(path)) this.report.add("file_missing", path);
      else if (digest !== this.digests.get(path)) this.report.add("file_altered", path);
      else intact++;
    }
    for (const path of paths) if (!listed.has(path)) this.report.add("file_extra", path);
    if (name === MANIFEST) {
      this.report.files = listed.size;
      this.report.intact = intact;
    }
  }

  checkExtra(proofs) {
    const known = new Set(REQUIRED);
    for (const anchor of proofs.anchors) {
      known.add(anchor.note);
      for (const response of anchor.responses) response.forEach((path) => known.add(path));
    }
    for (const path of this.members.keys()) {
      if (!path.startsWith("data/") && !known.has(path)) this.report.add("file_extra", path);
    }
  }

  // 3. the head
  async checkHead(proofs) {
    const head = await this.readAs(HEAD, "head_form", parseHead, MAX_SMALL);
    if (head !== null) {
      const fault = await headFault(head, proofs.caseId, proofs.key);
      if (fault) this.report.add(fault, HEAD);
      this.report.sealed.push(!fault);
    }
    return head;
  }

  // 4. the ledger
  checkLedger(proofs, head) {
    for (const [index, data] of proofs.entries) {
      try {
        this.entries.set(index, parseEntry(data, index));
      } catch (problem) {
        const code = problem instanceof Newer ? "schema_unknown" : "entry_form";
        if (!(problem instanceof Newer || problem instanceof Malformed)) throw problem;
        this.report.add(code, `ledger/${index}`);
      }
    }
    const first = this.entries.get(0) ?? { type: "", body: {} };
    const { case: caseId, key } = first.body;
    const bound = first.type === "case" && caseId === proofs.caseId && key === proofs.keyText;
    if (!bound) this.report.add("case_entry", "ledger/0");
    this.report.sealed.push(bound);
    if (head === null) return;
    if (head.size !== proofs.size) this.report.add("ledger_size", HEAD);
    const leaves = proofs.entries.map(([, data]) => sha256(ZERO, data));
    const ranges = proofs.entries.map(([index]) => [index, index]);
    let holds = false;
    try {
      holds = same(rootOf(proofs.size, ranges, leaves, proofs.hashes), head.root);
    } catch (problem) {
      if (!(problem instanceof Malformed)) throw problem;
    }
    if (!holds) this.report.add("ledger_proof", PROOFS);
    this.report.sealed.push(holds && head.size === proofs.size);
  }

  // 5. the export
  checkExport(size) {
    const last = this.entries.get(size - 1);
    const body = last && last.type === "export" ? last.body : {};
    if (body.kind !== "bundle" || !hasKeys(body.tags, ...SEALED_TAGS)) {
      this.report.add("export_missing", `ledger/${size - 1}`);
      return;
    }
    const sealed = body.manifest;
    if (this.digests.has(MANIFEST) && sealed !== this.digests.get(MANIFEST)) {
      this.report.add("export_manifest", MANIFEST);
    }
    const payload = [...this.digests.keys()].filter((path) => path.startsWith("data/")).sort();
    const derived = payload.map((path) => `${this.digests.get(path)}  ${path}\n`).join("");
    const whole = hex(sha256(toUtf8(derived))) === sealed;
    if (whole) this.report.files = this.report.intact = payload.length; // all as sealed
    this.report.sealed.push(whole || (sealed !== undefined && sealed === this.digests.get(MANIFEST)));
    for (const name of SEALED_TAGS) {
      if (this.digests.has(name) && body.tags[name] !== this.digests.get(name)) {
        this.report.add("export_tags", name);
      }
    }
  }

  // 6. originals, contents, events
  ofType(kind) {
    return [...this.entries].filter(([, entry]) => entry.type === kind)
      .map(([index, entry]) => [index, entry.body]);
  }

  checkContents(contents, proofs) {
    const entered = this.ofType("item").map(([, body]) => body);
    const erased = new Set(this.ofType("erase").map(([, body]) => body.item));
    const files = new Map();
    for (const item of contents.items) if (item.file !== null) files.set(item.file, item.sha256);
    let fits = entered.length === contents.items.length;
    contents.items.forEach((item, i) => {
      const other = entered[i] ?? {};
      fits &&= item.sha256 === other.sha256 && item.size === other.size && item.name === other.name;
      fits &&= item.why !== "erased" || erased.has(item.sha256);
    });
    const known = new Set(entered.map((body) => body.sha256));
    for (const path of this.members.keys()) {
      if (!path.startsWith("data/originals/")) continue;
      const digest = this.digests.get(path);
      if (!known.has(digest)) this.report.add("original_unknown", path);
      fits &&= files.get(path) === digest;
    }
    fits &&= [...files.keys()].every((path) => this.members.has(path));
    if (!fits) this.report.add("contents_items", CONTENTS);
    this.checkCounts(contents, proofs);
  }

  checkCounts(contents, proofs) {
    const { withheld, events, items } = contents;
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
    const shown = sum(proofs.readings.map((reading) => reading.shown));
    const total = sum(proofs.readings.map((reading) => reading.count));
    const latest = new Map();
    for (const [index, body] of this.ofType("reading")) latest.set(body.item, index);
    for (const [index, body] of this.ofType("erase")) {
      if (latest.has(body.item) && latest.get(body.item) < index) latest.delete(body.item);
    }
    const counted = [...latest.values()].sort((a, b) => a - b).join();
    let fits = proofs.entries.length + sum(Object.values(withheld)) === proofs.size;
    fits &&= events.disclosed === shown && events.total === total;
    fits &&= counted === proofs.readings.map((reading) => reading.entry).join();
    if (!fits) this.report.add("contents_counts", CONTENTS);
    const here = items.filter((item) => item.file !== null).length;
    const kept = Object.keys(withheld).filter((kind) => withheld[kind]).sort(byCodePoint);
    this.report.counts = {
      items: here,
      items_all: items.length,
      erased: items.filter((item) => item.why === "erased").length,
      events: shown,
      events_all: total,
      entries: proofs.entries.length,
      entries_all: proofs.size,
      withheld: Object.fromEntries(kept.map((kind) => [kind, withheld[kind]])),
      partial: here < items.length || shown < total || TELLING.some((kind) => withheld[kind]),
    };
  }

  async checkEvents(proofs) {
    const proven = new Set();
    for (const reading of proofs.readings) {
      const entry = this.entries.get(reading.entry);
      proven.add(reading.file);
      await this.checkReading(reading, entry && entry.type === "reading" ? entry.body : {});
    }
    for (const path of this.members.keys()) {
      if (path.startsWith("data/events/") && !proven.has(path)) {
        this.report.add("events_unproven", path);
      }
    }
  }

  async checkReading(reading, body) {
    const place = reading.file || `ledger/${reading.entry}`;
    if (reading.file && !this.members.has(reading.file)) {
      this.report.add("file_missing", reading.file);
      return;
    }
    let fits = true;
    try {
      const leaves = [];
      const lines = reading.file ? this.lines(reading.file) : [];
      for await (const line of lines) {
        need(leaves.length < reading.shown);
        const salt = reading.salts.subarray(16 * leaves.length, 16 * leaves.length + 16);
        leaves.push(sha256(ZERO, salt, line));
        fits = isEventOf(line, body.item ?? "") && fits;
      }
      const root = rootOf(reading.count, reading.ranges, leaves, reading.hashes);
      need(body.events === reading.count && hex(root) === body.root);
    } catch (problem) {
      if (!(problem instanceof Malformed)) throw problem;
      this.report.add("events_proof", place);
      return;
    }
    if (!fits) this.report.add("event_line", place);
  }

  async *lines(path) {
    let rest = new Uint8Array();
    for await (const chunk of this.members.get(path).chunks()) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        yield concat(rest, chunk.subarray(from, at));
        rest = new Uint8Array();
        from = at + 1;
      }
      rest = concat(rest, chunk.subarray(from));
      need(rest.length <= MAX_LINE);
    }
    need(rest.length === 0);
  }

  // 7. anchors
  checkAnchorFiles() {
    for (const [, body] of this.ofType("anchor")) {
      if (body.state !== "stamped") continue;
      for (const [name, digest] of Object.entries(body.files)) {
        const path = "proof/anchors/" + name;
        if (!this.members.has(path)) this.report.add("file_missing", path);
        else if (this.digests.get(path) !== digest) this.report.add("anchor_file", path);
      }
    }
  }

  async checkAnchor(anchor, proofs, head) {
    const data = await this.read(anchor.note, MAX_SMALL);
    if (data === null) return;
    let note = null;
    try {
      note = parseHead(data);
    } catch (problem) {
      if (!(problem instanceof Malformed)) throw problem;
    }
    const signed = note && note.size === anchor.size &&
      !(await headFault(note, proofs.caseId, proofs.key));
    if (!signed) {
      this.report.add("anchor_note", anchor.note);
      return;
    }
    const path = anchor.consistency;
    if (head !== null && !continues(note.size, note.root, head.size, head.root, path)) {
      this.report.add("anchor_consistency", anchor.note);
      return;
    }
    for (const response of anchor.responses) {
      const files = [];
      for (const name of response) files.push(await this.read(name, MAX_SMALL));
      if (files.includes(null)) continue;
      try {
        const stamp = await checkStamp(data, ...files);
        const where = { path: response[1], covered: note.size, size: proofs.size };
        this.report.stamps.push({ ...where, ...stamp });
      } catch (problem) {
        if (!(problem instanceof Refused)) throw problem;
        this.report.add(problem.code, response[1]);
      }
    }
  }
}

function isEventOf(line, item) {
  try {
    const { locator } = parseEvent(line);
    return isObject(locator) && locator.item === item;
  } catch (problem) {
    if (problem instanceof Malformed) return false;
    throw problem;
  }
}

// Checks a bundle: a source {size, read(offset, length)}, or the files of an unpacked one.
async function verifyBundle(source, progress = () => {}) {
  const report = new Report();
  try {
    const folder = Array.isArray(source);
    const members = folder ? folderMembers(source, report) : await zipMembers(source, report);
    await new Check(members, report, progress).run();
  } catch (problem) {
    if (problem?.name !== "NotReadableError" && problem?.name !== "NotFoundError") throw problem;
    report.add("unreadable", "");
  }
  return verdictOf(report);
}
