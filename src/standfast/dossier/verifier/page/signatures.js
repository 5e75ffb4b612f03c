// SPDX-License-Identifier: Apache-2.0
// Signatures: Ed25519 by the browser where it can, else by our own; RSA and ECDSA by the browser.

const subtle = globalThis.crypto?.subtle;

// --- SHA-384 and SHA-512 (FIPS 180-4), for short texts ---

const MASK64 = (1n << 64n) - 1n;

const WIDE_CONSTANTS = (() => {
  const primes = [];
  for (let n = 2; primes.length < 80; n++) if (primes.every((p) => n % p)) primes.push(n);
  const root = (value, degree) => {
    let low = 0n;
    let high = BigInt(value) << 64n;
    const goal = BigInt(value) << (64n * degree);
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** degree <= goal) low = middle;
      else high = middle;
    }
    return low & MASK64;
  };
  return {
    sha512: primes.slice(0, 8).map((p) => root(p, 2n)),
    sha384: primes.slice(8, 16).map((p) => root(p, 2n)),
    round: primes.map((p) => root(p, 3n)),
  };
})();

function wideHash(name, data) {
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK64;
  const padding = new Uint8Array(((239 - (data.length % 128)) % 128) + 17);
  padding[0] = 0x80;
  new DataView(padding.buffer).setUint32(padding.length - 4, data.length * 8);
  const whole = concat(data, padding);
  const state = [...WIDE_CONSTANTS[name]];
  for (let at = 0; at < whole.length; at += 128) {
    const w = [];
    for (let i = 0; i < 16; i++) w.push(bigEndian(whole.subarray(at + 8 * i, at + 8 * i + 8)));
    for (let i = 16; i < 80; i++) {
      const s0 = turn(w[i - 15], 1n) ^ turn(w[i - 15], 8n) ^ (w[i - 15] >> 7n);
      const s1 = turn(w[i - 2], 19n) ^ turn(w[i - 2], 61n) ^ (w[i - 2] >> 6n);
      w.push((w[i - 16] + s0 + w[i - 7] + s1) & MASK64);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
      const t1 = h + s1 + ((e & f) ^ (~e & g)) + WIDE_CONSTANTS.round[i] + w[i];
      const t2 = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK64, c, b, a, (t1 + t2) & MASK64];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] = (state[i] + word) & MASK64;
    });
  }
  const digest = fromHex(state.map((word) => word.toString(16).padStart(16, "0")).join(""));
  return name === "sha384" ? digest.slice(0, 48) : digest;
}

const hashOf = (name, data) => (name === "sha256" ? sha256(data) : wideHash(name, data));

// --- Ed25519 (RFC 8032), with the doubtful cases refused ---

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function mod(value, modulus) {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function power(base, exponent, modulus) {
  let result = 1n;
  let square = mod(base, modulus);
  for (let rest = exponent; rest; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n, P), P);
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n, P);
const ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const SMALL_ORDER = [0n, 1n, P - 1n, ORDER_8, P - ORDER_8];

const littleEndian = (data) => bigEndian(Uint8Array.from(data).reverse());

function edPoint(data) {
  const whole = littleEndian(data);
  const sign = whole >> 255n;
  const y = whole & ((1n << 255n) - 1n);
  if (y >= P || SMALL_ORDER.includes(y)) return null;
  const top = mod(y * y - 1n, P);
  const bottom = mod(D * y * y + 1n, P);
  let x = mod(top * bottom ** 3n * power(top * bottom ** 7n, (P - 5n) / 8n, P), P);
  if (mod(bottom * x * x - top, P)) x = mod(x * ROOT_OF_MINUS_ONE, P);
  if (mod(bottom * x * x - top, P)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y, P)];
}

function edAdd(one, two) {
  const a = mod((one[1] - one[0]) * (two[1] - two[0]), P);
  const b = mod((one[1] + one[0]) * (two[1] + two[0]), P);
  const c = mod(2n * one[3] * two[3] * D, P);
  const d = mod(2n * one[2] * two[2], P);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f, P), mod(g * h, P), mod(f * g, P), mod(e * h, P)];
}

const BASE = edPoint(fromHex("58" + "66".repeat(31)));

function edEquationHolds(key, signature, message) {
  const point = edPoint(key);
  const scalar = littleEndian(signature.slice(32));
  const digest = wideHash("sha512", concat(signature.slice(0, 32), key, message));
  const factor = mod(littleEndian(digest), ORDER);
  const minus = [P - point[0], point[1], 1n, P - point[3]];
  const table = [null, BASE, minus, edAdd(BASE, minus)];
  let total = [0n, 1n, 1n, 0n];
  for (let bit = 252n; bit >= 0n; bit--) {
    total = edAdd(total, total);
    const addend = table[Number(((scalar >> bit) & 1n) | (((factor >> bit) & 1n) << 1n))];
    if (addend) total = edAdd(total, addend);
  }
  const inverse = power(total[2], P - 2n, P);
  const x = mod(total[0] * inverse, P);
  const y = mod(total[1] * inverse, P);
  return (y | ((x & 1n) << 255n)) === littleEndian(signature.slice(0, 32));
}

async function ed25519Valid(key, signature, message, browser = subtle) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const points = [edPoint(key), edPoint(signature.slice(0, 32))];
  if (points.includes(null) || littleEndian(signature.slice(32)) >= ORDER) return false;
  let native;
  try {
    native = await browser.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return edEquationHolds(key, signature, message); // this browser has no Ed25519
  }
  return browser.verify({ name: "Ed25519" }, native, signature, message);
}

// --- RSA and ECDSA, for timestamps ---

const base64Url = (data) =>
  base64(data).replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_");

const WEB_HASH = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
const CURVES = new Map([
  ["2a8648ce3d030107", {
    name: "P-256",
    length: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  }],
  ["2b81040022", {
    name: "P-384",
    length: 48,
    order: BigInt("0xffffffffffffffffffffffffffffffffffffffffffffffff" +
      "c7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
  }],
]);

function toBytes(value, length) {
  return fromHex(value.toString(16).padStart(2 * length, "0"));
}

async function webValid(format, key, algorithm, signature, data) {
  if (!subtle) throw new Refused("anchor_unsupported");
  try {
    const native = await subtle.importKey(format, key, algorithm, false, ["verify"]);
    return await subtle.verify(algorithm, native, signature, data);
  } catch {
    return false; // no point of the curve, or no usable modulus
  }
}

async function signatureValid(key, kind, name, signature, data) {
  const algorithm = key.part(0, SEQUENCE);
  const bits = key.part(1, BITS).content;
  const oid = hex(algorithm.part(0, OID).content);
  need(bits.length > 0 && bits[0] === 0);
  if (kind === "rsa" && oid === RSA_KEY) {
    return rsaValid(der(bits.subarray(1), SEQUENCE), name, signature, data);
  }
  if (kind === "ec" && oid === EC_KEY) {
    const curve = CURVES.get(hex(algorithm.part(1, OID).content));
    if (!curve) throw new Refused("anchor_unsupported");
    return ecValid(curve, bits.subarray(1), name, signature, data);
  }
  return false;
}

async function rsaValid(key, name, signature, data) {
  const modulus = bigEndian(key.part(0, INTEGER).content);
  const exponent = bigEndian(key.part(1, INTEGER).content);
  const size = Math.ceil((modulus ? modulus.toString(2).length : 0) / 8);
  if (!(size >= 128 && size <= 1024) || signature.length !== size) return false;
  if (!(exponent >= 3n && exponent < 1n << 32n)) return false;
  const plain = exponent.toString(16);
  const jwk = {
    kty: "RSA",
    n: base64Url(toBytes(modulus, size)),
    e: base64Url(fromHex(plain.length % 2 ? "0" + plain : plain)),
    ext: true,
  };
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: WEB_HASH[name] };
  return webValid("jwk", jwk, algorithm, signature, data);
}

async function ecValid(curve, point, name, signature, data) {
  if (point.length !== 1 + 2 * curve.length || point[0] !== 4) return false;
  const pair = der(signature, SEQUENCE);
  const r = bigEndian(pair.part(0, INTEGER).content);
  const s = bigEndian(pair.part(1, INTEGER).content);
  const fits = [r, s].every((value) => value >= 1n && value < curve.order);
  if (pair.parts().length !== 2 || !fits) return false;
  const algorithm = { name: "ECDSA", namedCurve: curve.name, hash: WEB_HASH[name] };
  const both = concat(toBytes(r, curve.length), toBytes(s, curve.length));
  return webValid("raw", point, algorithm, both, data);
}
