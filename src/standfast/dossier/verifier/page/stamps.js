// SPDX-License-Identifier: Apache-2.0
// Timestamps: RFC 3161 responses, CMS signatures, X.509 certificates.

class Der {
  constructor(tag, content, raw) {
    Object.assign(this, { tag, content, raw });
  }

  parts() {
    return derList(this.content);
  }

  part(index, tag) {
    const parts = this.parts();
    need(index < parts.length && parts[index].tag === tag);
    return parts[index];
  }
}

function derList(data) {
  const values = [];
  let at = 0;
  while (at < data.length) {
    need(at + 2 <= data.length && (data[at] & 0x1f) !== 0x1f);
    let start = at + 2;
    let length = data[at + 1];
    if (length === 0x80 || data[at] === 0x24) throw new Refused("anchor_unsupported");
    if (length > 0x80) {
      start += length - 0x80;
      need(length <= 0x84 && start <= data.length);
      length = 0;
      for (let i = at + 2; i < start; i++) length = length * 256 + data[i];
    }
    need(start + length <= data.length);
    const [content, raw] = [data.slice(start, start + length), data.slice(at, start + length)];
    values.push(new Der(data[at], content, raw));
    at = start + length;
  }
  return values;
}

function der(data, tag) {
  const values = derList(data);
  need(values.length === 1 && values[0].tag === tag);
  return values[0];
}

const [INTEGER, BITS, OCTETS, OID, SEQUENCE, SET, TIME_TAG] = [2, 3, 4, 6, 0x30, 0x31, 0x18];
const SIGNED_DATA = "2a864886f70d010702";
const TST_INFO = "2a864886f70d0109100104";
const CONTENT_TYPE = "2a864886f70d010903";
const MESSAGE_DIGEST = "2a864886f70d010904";
const HASHES = new Map([
  ["608648016503040201", "sha256"],
  ["608648016503040202", "sha384"],
  ["608648016503040203", "sha512"],
]);
const SIGNATURES = new Map([
  ["2a864886f70d010101", ["rsa", ""]],
  ["2a864886f70d01010b", ["rsa", "sha256"]],
  ["2a864886f70d01010c", ["rsa", "sha384"]],
  ["2a864886f70d01010d", ["rsa", "sha512"]],
  ["2a8648ce3d040302", ["ec", "sha256"]],
  ["2a8648ce3d040303", ["ec", "sha384"]],
  ["2a8648ce3d040304", ["ec", "sha512"]],
]);
const RSA_KEY = "2a864886f70d010101";
const EC_KEY = "2a8648ce3d0201";
const EXTENDED_USE = "551d25";
const BASIC = "551d13";
const STAMPING = "2b06010505070308";
const NAMES = new Map([["550403", 0], ["55040a", 1], ["55040b", 2]]);

function subjectName(certificate) {
  const found = [];
  for (const relative of der(certificate.subject, SEQUENCE).parts()) {
    for (const pair of relative.parts()) {
      const kind = hex(pair.part(0, OID).content);
      need(pair.parts().length === 2);
      if (NAMES.has(kind)) {
        const value = pair.parts()[1];
        const coding = value.tag === 0x1e ? "utf-16be" : "utf-8";
        const text = new TextDecoder(coding, { ignoreBOM: true }).decode(value.content);
        found.push([NAMES.get(kind), text]);
      }
    }
  }
  found.sort((a, b) => a[0] - b[0] || byCodePoint(a[1], b[1]));
  return found.slice(0, 2).map((pair) => pair[1]).join(", ");
}

function mayCertify(certificate) {
  const basic = certificate.extensions.get(BASIC);
  const parts = basic ? der(basic[1], SEQUENCE).parts() : [];
  if (!parts.length || parts[0].tag !== 1) return false;
  return !same(parts[0].content, ZERO);
}

function derTime(value) {
  let text = latin1(value.content);
  if (value.tag === 0x17) text = (text.slice(0, 2) >= "50" ? "19" : "20") + text;
  else need(value.tag === TIME_TAG);
  need(/^[0-9]{14}(?:\.[0-9]{1,9})?Z$/.test(text));
  return text.slice(0, 14);
}

function parseCertificate(value) {
  need(value.tag === SEQUENCE);
  const body = value.part(0, SEQUENCE);
  const algorithm = value.part(1, SEQUENCE);
  const signature = value.part(2, BITS);
  let fields = body.parts();
  if (fields.length && fields[0].tag === 0xa0) fields = fields.slice(1);
  const tags = [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE];
  need(fields.length >= 6 && tags.every((tag, i) => fields[i].tag === tag));
  const times = fields[3].parts();
  need(times.length === 2 && signature.content.length > 0 && signature.content[0] === 0);
  const extensions = new Map();
  for (const field of fields.slice(6)) {
    if (field.tag !== 0xa3) continue;
    for (const extension of der(field.content, SEQUENCE).parts()) {
      const kind = hex(extension.part(0, OID).content);
      const parts = extension.parts();
      need(parts.length >= 2 && parts.length <= 3);
      const critical = parts[1].tag === 1 && same(parts[1].content, Uint8Array.of(255));
      const last = parts[parts.length - 1];
      need(last.tag === OCTETS && !extensions.has(kind));
      extensions.set(kind, [critical, last.content]);
    }
  }
  return {
    raw: value.raw,
    signed: body.raw,
    algorithm: hex(algorithm.part(0, OID).content),
    signature: signature.content.subarray(1),
    serial: fields[0].content,
    issuer: fields[2].raw,
    subject: fields[4].raw,
    start: derTime(times[0]),
    end: derTime(times[1]),
    key: fields[5],
    extensions,
  };
}

function parseChain(data) {
  const blocks = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----/g;
  const found = [...latin1(data).matchAll(blocks)].map((match) => match[1]);
  need(found.length >= 1 && found.length <= 16);
  const plain = found.map((text) => base64Bytes(text.replace(/[\r\n]/g, "")));
  return plain.map((raw) => parseCertificate(der(raw, SEQUENCE)));
}

function algorithmOf(oid, beside) {
  const [kind, own] = SIGNATURES.get(oid) ?? ["", ""];
  const name = own || (HASHES.get(beside) ?? "");
  if (!kind || !name) throw new Refused("anchor_unsupported");
  return [kind, name];
}

function parseImprint(value, nonce) {
  const oid = hex(value.part(0, SEQUENCE).part(0, OID).content);
  return { algorithm: HASHES.get(oid) ?? "", digest: value.part(1, OCTETS).content, nonce };
}

function firstNumber(parts) {
  const found = parts.find((part) => part.tag === INTEGER);
  return found ? found.content : new Uint8Array();
}

function parseQuery(data) {
  const query = der(data, SEQUENCE);
  const nonce = firstNumber(query.parts().slice(2));
  return parseImprint(query.part(1, SEQUENCE), nonce);
}

function parseResponse(data) {
  const response = der(data, SEQUENCE);
  const status = response.part(0, SEQUENCE).part(0, INTEGER).content;
  if (!same(status, ZERO) && !same(status, ONE)) throw new Refused("anchor_status");
  const outer = response.part(1, SEQUENCE);
  need(hex(outer.part(0, OID).content) === SIGNED_DATA);
  const signed = der(outer.part(1, 0xa0).content, SEQUENCE);
  const inner = signed.part(2, SEQUENCE);
  const rest = signed.parts().slice(3);
  need(hex(inner.part(0, OID).content) === TST_INFO);
  const content = der(inner.part(1, 0xa0).content, OCTETS).content;
  const certificates = rest
    .filter((part) => part.tag === 0xa0)
    .flatMap((part) => part.parts().filter((one) => one.tag === SEQUENCE))
    .map(parseCertificate);
  const last = rest[rest.length - 1];
  const signers = last && last.tag === SET ? last.parts() : [];
  need(signers.length === 1 && certificates.length <= 16);
  const info = der(content, SEQUENCE);
  const imprint = parseImprint(info.part(2, SEQUENCE), firstNumber(info.parts().slice(5)));
  const time = derTime(info.part(4, TIME_TAG));
  return { imprint, time, content, certificates, signer: signers[0] };
}

function signedBytes(token) {
  const digestOid = hex(token.signer.part(2, SEQUENCE).part(0, OID).content);
  const attributes = token.signer.part(3, 0xa0);
  const found = new Map();
  for (const attribute of attributes.parts()) {
    const kind = hex(attribute.part(0, OID).content);
    const values = attribute.part(1, SET).parts();
    need(values.length >= 1 && !found.has(kind));
    found.set(kind, values[0].content);
  }
  if (!HASHES.has(digestOid)) throw new Refused("anchor_unsupported");
  const digest = hashOf(HASHES.get(digestOid), token.content);
  const stated = found.get(MESSAGE_DIGEST) ?? new Uint8Array();
  const type = hex(found.get(CONTENT_TYPE) ?? new Uint8Array());
  if (!same(stated, digest) || type !== TST_INFO) throw new Refused("anchor_signature");
  return [concat(Uint8Array.of(SET), attributes.raw.subarray(1)), digestOid];
}

function signingCertificate(token, pool) {
  const second = token.signer.parts()[1];
  if (second && second.tag === 0x80) throw new Refused("anchor_unsupported");
  const named = token.signer.part(1, SEQUENCE);
  const issuer = named.part(0, SEQUENCE).raw;
  const serial = named.part(1, INTEGER).content;
  const found = pool.find((one) => same(one.issuer, issuer) && same(one.serial, serial));
  if (!found) throw new Refused("anchor_chain");
  return found;
}

function checkPurpose(certificate, time) {
  const [critical, use] = certificate.extensions.get(EXTENDED_USE) ?? [false, new Uint8Array()];
  const uses = use.length ? der(use, SEQUENCE).parts().map((part) => hex(part.content)) : [];
  if (!critical || uses.length !== 1 || uses[0] !== STAMPING) throw new Refused("anchor_purpose");
  if (!(certificate.start <= time && time <= certificate.end)) throw new Refused("anchor_time");
}

async function issued(above, below) {
  if (!same(above.subject, below.issuer)) return false;
  const [kind, name] = algorithmOf(below.algorithm, "");
  try {
    return await signatureValid(above.key, kind, name, below.signature, below.signed);
  } catch (problem) {
    if (problem instanceof Malformed) return false;
    throw problem;
  }
}

async function checkPath(signer, chain, pool, time) {
  let here = signer;
  const seen = [signer.raw];
  const goal = chain[chain.length - 1].raw;
  while (!same(here.raw, goal)) {
    let above = null;
    for (const one of pool) {
      if (!seen.some((raw) => same(raw, one.raw)) && (await issued(one, here))) {
        above = one;
        break;
      }
    }
    const usable = above && mayCertify(above) && above.start <= time && time <= above.end;
    if (!usable) throw new Refused("anchor_chain");
    here = above;
    seen.push(above.raw);
  }
}

async function form(code, read, ...values) {
  try {
    return await read(...values);
  } catch (problem) {
    if (problem instanceof Malformed) throw new Refused(code);
    throw problem;
  }
}

function withoutZeros(data) {
  let at = 0;
  while (at < data.length && data[at] === 0) at++;
  return data.subarray(at);
}

// Checks one timestamp over a note, in the order of verify.py.
async function checkStamp(note, tsq, tsr, pem) {
  const query = await form("anchor_query", parseQuery, tsq);
  const token = await form("anchor_form", parseResponse, tsr);
  for (const imprint of [query, token.imprint]) {
    if (imprint.algorithm !== "sha256" || !same(imprint.digest, sha256(note))) {
      throw new Refused("anchor_imprint");
    }
  }
  const asked = withoutZeros(query.nonce);
  if (asked.length && !same(asked, withoutZeros(token.imprint.nonce))) {
    throw new Refused("anchor_nonce");
  }
  const chain = await form("anchor_chain", parseChain, pem);
  const pool = [...chain, ...token.certificates];
  const [signed, digestOid] = await form("anchor_form", signedBytes, token);
  const signer = await form("anchor_form", signingCertificate, token, pool);
  const oid = await form("anchor_form", () =>
    hex(token.signer.part(4, SEQUENCE).part(0, OID).content));
  const [kind, name] = algorithmOf(oid, digestOid);
  const signature = await form("anchor_form", () => token.signer.part(5, OCTETS).content);
  const valid = [signer.key, kind, name, signature, signed];
  if (!(await form("anchor_signature", signatureValid, ...valid))) {
    throw new Refused("anchor_signature");
  }
  await form("anchor_purpose", checkPurpose, signer, token.time);
  await form("anchor_chain", checkPath, signer, chain, pool, token.time);
  const t = token.time;
  const day = `${t.slice(0, 4)}-${t.slice(4, 6)}-${t.slice(6, 8)}`;
  const time = `${day}T${t.slice(8, 10)}:${t.slice(10, 12)}:${t.slice(12)}Z`;
  const authority = await form("anchor_form", subjectName, signer);
  return { time, authority, root: hex(sha256(chain[chain.length - 1].raw)) };
}
