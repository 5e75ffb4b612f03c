// SPDX-License-Identifier: Apache-2.0
// Bytes, hashes, and reading from a file without holding it.

const CHUNK = 1 << 22;
const ONE_SHOT = 64 << 20; // larger files are hashed piece by piece, by our own SHA-256

class Malformed extends Error {}
class Newer extends Error {}
class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function need(condition) {
  if (!condition) throw new Malformed();
}

const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const toUtf8 = (text) => new TextEncoder().encode(text);

function fromUtf8(data) {
  try {
    return strictText.decode(data);
  } catch {
    throw new Malformed();
  }
}

function latin1(data) {
  let text = "";
  for (let i = 0; i < data.length; i += 0x8000) {
    text += String.fromCharCode.apply(null, data.subarray(i, i + 0x8000));
  }
  return text;
}

function fromLatin1(text) {
  const data = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) data[i] = text.charCodeAt(i);
  return data;
}

function hex(data) {
  let text = "";
  for (const byte of data) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

function fromHex(text) {
  const data = new Uint8Array(text.length / 2);
  for (let i = 0; i < data.length; i++) data[i] = parseInt(text.substr(2 * i, 2), 16);
  return data;
}

const base64 = (data) => btoa(latin1(data));

function base64Bytes(text) {
  need(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text));
  let data;
  try {
    data = fromLatin1(atob(text));
  } catch {
    throw new Malformed();
  }
  need(base64(data) === text);
  return data;
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function same(one, two) {
  if (one.length !== two.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== two[i]) return false;
  return true;
}

function startsWith(data, start) {
  return data.length >= start.length && same(data.subarray(0, start.length), start);
}

function compareBytes(one, two) {
  const length = Math.min(one.length, two.length);
  for (let i = 0; i < length; i++) if (one[i] !== two[i]) return one[i] - two[i];
  return one.length - two.length;
}

function bigEndian(data) {
  return data.length ? BigInt("0x" + hex(data)) : 0n;
}

// --- SHA-256 (FIPS 180-4), piece by piece ---

const SHA_CONSTANTS = (() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const root = (value, degree) => {
    let low = 0n;
    let high = BigInt(value) << 32n;
    const goal = BigInt(value) << BigInt(32 * degree);
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** BigInt(degree) <= goal) low = middle;
      else high = middle;
    }
    return Number(low & 0xffffffffn) | 0;
  };
  return {
    start: primes.slice(0, 8).map((p) => root(p, 2)),
    round: Int32Array.from(primes, (p) => root(p, 3)),
  };
})();

class Sha256 {
  constructor() {
    this.state = Int32Array.from(SHA_CONSTANTS.start);
    this.words = new Int32Array(64);
    this.block = new Uint8Array(64);
    this.held = 0;
    this.length = 0;
  }

  update(data) {
    this.length += data.length;
    let at = 0;
    if (this.held) {
      const taken = Math.min(64 - this.held, data.length);
      this.block.set(data.subarray(0, taken), this.held);
      this.held += taken;
      at = taken;
      if (this.held < 64) return this;
      this.mix(this.block, 0);
      this.held = 0;
    }
    for (; at + 64 <= data.length; at += 64) this.mix(data, at);
    this.block.set(data.subarray(at));
    this.held = data.length - at;
    return this;
  }

  digest() {
    const length = this.length;
    const padding = new Uint8Array(((119 - (length % 64)) % 64) + 9);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(padding.length - 4, (length << 3) >>> 0);
    this.update(padding);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, i) => out.setInt32(4 * i, word));
    return new Uint8Array(out.buffer);
  }

  mix(data, at) {
    const w = this.words;
    const k = SHA_CONSTANTS.round;
    for (let i = 0, j = at; i < 16; i++, j += 4) {
      w[i] = (data[j] << 24) | (data[j + 1] << 16) | (data[j + 2] << 8) | data[j + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const state = this.state;
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

const sha256 = (...parts) => {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
};

// --- CRC-32, four bytes a step ---

const CRC_TABLES = (() => {
  const tables = Array.from({ length: 4 }, () => new Int32Array(256));
  for (let n = 0; n < 256; n++) {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    tables[0][n] = value;
  }
  for (let n = 0; n < 256; n++) {
    for (let t = 1; t < 4; t++) {
      const before = tables[t - 1][n];
      tables[t][n] = (before >>> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
})();

function crc32(data, start) {
  const [t0, t1, t2, t3] = CRC_TABLES;
  let crc = ~start;
  let i = 0;
  for (; i + 4 <= data.length; i += 4) {
    crc ^= data[i] | (data[i + 1] << 8) | (data[i + 2] << 16) | (data[i + 3] << 24);
    crc = t3[crc & 255] ^ t2[(crc >>> 8) & 255] ^ t1[(crc >>> 16) & 255] ^ t0[crc >>> 24];
  }
  for (; i < data.length; i++) crc = t0[(crc ^ data[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
