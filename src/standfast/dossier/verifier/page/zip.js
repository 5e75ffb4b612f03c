// SPDX-License-Identifier: Apache-2.0
// The canonical zip: every byte that is not content is derived again and compared.

const MAX_MEMBERS = 200000;
const MAX_DIRECTORY = 64 << 20;
const WIDE = 0xffffffff;

// Writes whole numbers, least byte first: [bytes, value] each.
function little(...fields) {
  const out = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of fields) {
    let rest = value;
    for (let i = 0; i < size; i++) {
      out[at++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
  return out;
}

function littleAt(data, at, size) {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + data[at + i];
  return value;
}

function localHeader({ name, crc, size }) {
  const big = size >= WIDE;
  const extra = big ? little([2, 1], [2, 16], [8, size], [8, size]) : new Uint8Array();
  const shown = big ? WIDE : size;
  const head = little(
    [4, 0x04034b50], [2, big ? 45 : 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x0021],
    [4, crc], [4, shown], [4, shown], [2, name.length], [2, extra.length],
  );
  return concat(head, name, extra);
}

function directoryHeader({ name, crc, size }, offset) {
  const numbers = size >= WIDE ? [[8, size], [8, size]] : [];
  if (offset >= WIDE) numbers.push([8, offset]);
  const extra = numbers.length
    ? little([2, 1], [2, 8 * numbers.length], ...numbers)
    : new Uint8Array();
  const version = extra.length ? 45 : 20;
  const shown = Math.min(size, WIDE);
  const head = little(
    [4, 0x02014b50], [2, 0x0300 | version], [2, version], [2, 0x0800], [2, 0], [2, 0],
    [2, 0x0021], [4, crc], [4, shown], [4, shown], [2, name.length], [2, extra.length],
    [2, 0], [2, 0], [2, 0], [4, 0o100644 * 65536], [4, Math.min(offset, WIDE)],
  );
  return concat(head, name, extra);
}

// Derives everything after the last content, and the place where it must start.
function directory(entries) {
  let offset = 0;
  const records = [];
  for (const entry of entries) {
    records.push(directoryHeader(entry, offset));
    offset += localHeader(entry).length + entry.size;
  }
  const body = concat(...records);
  const count = entries.length;
  const parts = [body];
  if (count >= 0xffff || body.length >= WIDE || offset >= WIDE) {
    parts.push(little(
      [4, 0x06064b50], [8, 44], [2, 0x032d], [2, 45], [4, 0], [4, 0],
      [8, count], [8, count], [8, body.length], [8, offset],
    ));
    parts.push(little([4, 0x07064b50], [4, 0], [8, offset + body.length], [4, 1]));
  }
  const few = Math.min(count, 0xffff);
  parts.push(little(
    [4, 0x06054b50], [2, 0], [2, 0], [2, few], [2, few],
    [4, Math.min(body.length, WIDE)], [4, Math.min(offset, WIDE)], [2, 0],
  ));
  return { bytes: concat(...parts), start: offset };
}

// Reads names, checksums and sizes; the caller derives all the bytes again and compares.
function parseDirectory(data, count) {
  const entries = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (data.length - at < 46 || littleAt(data, at, 4) !== 0x02014b50) return null;
    const crc = littleAt(data, at + 16, 4);
    let size = littleAt(data, at + 24, 4);
    const nameLength = littleAt(data, at + 28, 2);
    const extraLength = littleAt(data, at + 30, 2);
    const name = data.slice(at + 46, at + 46 + nameLength);
    const extra = data.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    if (size === WIDE && extra.length >= 20) size = littleAt(extra, 4, 8);
    entries.push({ name, crc, size });
    at += 46 + nameLength + extraLength;
  }
  return at === data.length ? entries : null;
}

// A source is {size, read(offset, length)}; read gives fewer bytes only at the end.
class Zip {
  static async open(source, report) {
    const zip = new Zip();
    zip.source = source;
    let entries = await zip.fromDirectory();
    if (entries === null) {
      report.add("container", "");
      entries = await zip.fromHeaders(report);
    }
    zip.members = await zip.taken(entries, report);
    return zip;
  }

  async read(offset, length) {
    const end = Math.min(this.source.size, offset + Math.max(0, length));
    return offset < end ? this.source.read(offset, end - offset) : new Uint8Array();
  }

  async fromDirectory() {
    const size = this.source.size;
    const end = await this.read(Math.max(0, size - 98), 98);
    const last = end.length - 22;
    if (last < 0 || littleAt(end, last, 4) !== 0x06054b50) return null;
    let count = littleAt(end, last + 10, 2);
    let length = littleAt(end, last + 12, 4);
    let after = 22;
    const wide = count === 0xffff || length === WIDE || littleAt(end, last + 16, 4) === WIDE;
    if (end.length === 98 && wide) {
      count = littleAt(end, 32, 8);
      length = littleAt(end, 40, 8);
      after = 98;
    }
    if (length > Math.min(MAX_DIRECTORY, size - after) || count > MAX_MEMBERS) return null;
    const entries = parseDirectory(await this.read(size - after - length, length), count);
    if (entries === null || entries.some((entry) => entry.size > size)) return null;
    const expected = directory(entries);
    if (expected.start + expected.bytes.length !== size) return null;
    const found = await this.read(expected.start, expected.bytes.length);
    return same(found, expected.bytes) ? entries : null;
  }

  async fromHeaders(report) {
    const entries = [];
    let offset = 0;
    while (entries.length < MAX_MEMBERS) {
      const head = await this.read(offset, 30);
      if (head.length < 30 || littleAt(head, 0, 4) !== 0x04034b50) break;
      const crc = littleAt(head, 14, 4);
      let size = littleAt(head, 22, 4);
      const nameLength = littleAt(head, 26, 2);
      const extraLength = littleAt(head, 28, 2);
      const rest = await this.read(offset + 30, nameLength + extraLength);
      const name = rest.slice(0, nameLength);
      const extra = rest.subarray(nameLength);
      if (size === WIDE && extra.length === 20) size = littleAt(extra, 4, 8);
      if (rest.length < nameLength + extraLength) break;
      const entry = { name, crc, size };
      const derived = same(concat(head, rest), localHeader(entry));
      if (!derived || offset + 30 + rest.length + size > this.source.size) {
        report.add("container", shownName(name));
        break;
      }
      entries.push(entry);
      offset += 30 + rest.length + size;
    }
    return entries;
  }

  async taken(entries, report) {
    const names = new Names(report);
    const data = fromLatin1("bundle/data/");
    let offset = 0;
    let before = [0, new Uint8Array()];
    for (const entry of entries) {
      const expected = localHeader(entry);
      if (!same(await this.read(offset, expected.length), expected)) {
        report.add("container", shownName(entry.name));
      }
      offset += expected.length;
      const place = [startsWith(entry.name, data) ? 1 : 0, entry.name];
      const order = place[0] - before[0] || compareBytes(place[1], before[1]);
      if (order <= 0) report.add("container", shownName(entry.name));
      else before = place;
      const start = offset;
      const read = (at, length) => this.read(start + at, length);
      names.take(entry.name, entry.size, entry.crc, read);
      offset += entry.size;
    }
    return names.members;
  }
}

const zipMembers = async (source, report) => (await Zip.open(source, report)).members;

const PART = /^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,118}[A-Za-z0-9_-])?$/;
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

function safeName(name) {
  const parts = latin1(name).split("/");
  if (name.length > 240 || parts.length < 2 || parts[0] !== "bundle") return false;
  return parts.every((part) => PART.test(part) && !RESERVED.test(part));
}

function shownName(name) {
  const kept = startsWith(name, fromLatin1("bundle/")) ? name.subarray(7) : name;
  let text = "";
  for (const c of kept.subarray(0, 240)) {
    const plain = c >= 0x21 && c <= 0x7e && c !== 0x5c;
    text += plain ? String.fromCharCode(c) : "\\x" + hex([c]);
  }
  return text;
}

class Names {
  constructor(report) {
    this.members = new Map();
    this.report = report;
    this.folded = new Set();
  }

  take(name, size, crc, read) {
    const path = shownName(name);
    if (!safeName(name)) {
      this.report.add("name_unsafe", path);
    } else if (this.folded.has(path.toLowerCase())) {
      this.report.add("name_twice", path);
    } else {
      this.folded.add(path.toLowerCase());
      this.members.set(path, new Member(path, size, crc, read));
    }
  }
}

// A file in the bundle; `crc` is -1 when it lies in a folder.
class Member {
  constructor(path, size, crc, read) {
    Object.assign(this, { path, size, crc, read });
  }

  async *chunks() {
    for (let start = 0; start < this.size; start += CHUNK) {
      yield this.read(start, Math.min(CHUNK, this.size - start));
    }
  }

  bytes() {
    return this.read(0, this.size);
  }
}

const LITTER = new Set([".DS_Store", "Thumbs.db", "desktop.ini", ".directory"]);

// Takes the files of an unpacked bundle: [path, {size, read}] each, the folder's name before it.
function folderMembers(files, report) {
  const names = new Names(report);
  const inside = files.map(([path, source]) => [path.split("/").slice(1), source]);
  const nested = !inside.some(([parts]) => parts.join("/") === "bagit.txt");
  for (const [parts, source] of inside) {
    if (LITTER.has(parts[parts.length - 1])) continue;
    if (nested && parts.shift() !== "bundle") continue;
    const read = (at, length) => source.read(at, length);
    names.take(toUtf8("bundle/" + parts.join("/")), source.size, -1, read);
  }
  return names.members;
}
