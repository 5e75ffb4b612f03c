# SPDX-License-Identifier: Apache-2.0
"""Timestamps and signatures: real ones, real ones gone wrong, and published test vectors."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

import tsa_forge
from bundle_case import BundleCase, make_case
from script_verifier import ScriptVerifier, ask
from standfast.dossier.bundle import Stamped
from standfast.dossier.verifier import core_js, verify
from tsa import make_tsa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tsa import Authority


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptVerifier]:
    with ScriptVerifier(tmp_path_factory.mktemp("script")) as running:
        yield running


def stamped_badly(authority: Authority, folder: Path, behaviour: str) -> BundleCase:
    case = make_case()
    case.anchor(authority, folder, entered=False)
    query = case.anchors["proof/anchors/0001.tsq"]
    case.anchors["proof/anchors/0001.tsr"] = authority.stamp(query, behaviour)
    return case


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("good", ""),
        ("not_der", ""),
        ("no_certificate", ""),
        ("rejected", "anchor_status"),
        ("wrong_nonce", "anchor_nonce"),
        ("wrong_imprint", "anchor_imprint"),
        ("wrong_usage", "anchor_purpose"),
        ("expired", "anchor_time"),
        ("bare_token", "anchor_form"),
        ("attributes_turned", "anchor_signature"),
        ("html", "anchor_form"),
    ],
)
@pytest.mark.parametrize("which", ["authority", "second_authority"])
def test_each_way_a_time_stamp_can_be_wrong(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    request: pytest.FixtureRequest,
    script: ScriptVerifier,
    tmp_path: Path,
    behaviour: str,
    code: str,
    which: str,
) -> None:
    authority = request.getfixturevalue(which)
    answer = ask(script, stamped_badly(authority, tmp_path, behaviour).write(short=True))
    assert answer["verdict"] == "genuine"
    assert [reason["code"] for reason in answer["reasons"]] == ([code] if code else [])
    assert answer["timestamp"]["state"] == ("broken" if code else "stated")
    assert len(answer["timestamp"]["stamps"]) == (0 if code else 1)


def test_a_chain_that_does_not_lead_to_its_last_certificate(
    script: ScriptVerifier, authority: Authority, second_authority: Authority, tmp_path: Path
) -> None:
    case = make_case()
    case.anchor(second_authority, tmp_path, entered=False)
    case.anchors["proof/anchors/0001.pem"] += authority.root.pem
    answer = ask(script, case.write(short=True))
    assert [reason["code"] for reason in answer["reasons"]] == ["anchor_chain"]


@pytest.mark.parametrize(
    "pem", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_chain_that_is_none(
    script: ScriptVerifier, authority: Authority, tmp_path: Path, pem: bytes
) -> None:
    case = make_case()
    case.anchor(authority, tmp_path, entered=False)
    case.anchors["proof/anchors/0001.pem"] = pem
    answer = ask(script, case.write(short=True))
    assert [reason["code"] for reason in answer["reasons"]] == ["anchor_chain"]


def test_a_certificate_that_may_not_sign_others_ends_the_chain(
    script: ScriptVerifier, authority: Authority, tmp_path: Path
) -> None:
    """A stamp signed by a certificate that another timestamping certificate "issued"."""
    case = make_case()
    case.anchor(authority, tmp_path, entered=False)
    child = make_tsa(authority.signer, "Child")
    tsr = case.anchors["proof/anchors/0001.tsr"]
    case.anchors["proof/anchors/0001.tsr"] = tsa_forge.resigned(tsr, child)
    answer = ask(script, case.write(short=True))
    assert [reason["code"] for reason in answer["reasons"]] == ["anchor_chain"]


def test_a_head_of_another_key_cannot_be_passed_off_as_an_older_one(
    script: ScriptVerifier, authority: Authority, tmp_path: Path
) -> None:
    stranger = make_case()
    stranger.ledger.key = Ed25519PrivateKey.generate()
    stranger.anchor(authority, tmp_path, entered=False)
    case = make_case()
    case.anchors, case.stamps = stranger.anchors, stranger.stamps
    answer = ask(script, case.write(short=True))
    assert [reason["code"] for reason in answer["reasons"]] == ["anchor_note"]
    assert answer["timestamp"]["state"] == "broken"


@pytest.mark.parametrize("way", ["pss", "loose"])
def test_a_method_that_cannot_be_checked_counts_neither_way(
    script: ScriptVerifier, second_authority: Authority, tmp_path: Path, way: str
) -> None:
    case = make_case()
    case.anchor(second_authority, tmp_path, entered=False)
    tsr = case.anchors["proof/anchors/0001.tsr"]
    signer = second_authority.signer
    other = tsa_forge.loose(tsr) if way == "loose" else None
    made = other or tsa_forge.resigned(tsr, signer, method="pss")
    case.anchors["proof/anchors/0001.tsr"] = made
    answer = ask(script, case.write(short=True))
    assert answer["verdict"] == "genuine"
    assert answer["timestamp"]["state"] == "none"
    assert [reason["code"] for reason in answer["reasons"]] == ["anchor_unsupported"]


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
@pytest.mark.parametrize("which", ["authority", "second_authority"])
def test_longer_digests_are_checked(
    request: pytest.FixtureRequest,
    script: ScriptVerifier,
    tmp_path: Path,
    digest: str,
    which: str,
) -> None:
    authority = request.getfixturevalue(which)
    case = make_case()
    case.anchor(authority, tmp_path, entered=False)
    tsr = case.anchors["proof/anchors/0001.tsr"]
    made = tsa_forge.resigned(tsr, authority.signer, digest=digest)
    case.anchors["proof/anchors/0001.tsr"] = made
    assert ask(script, case.write(short=True))["timestamp"]["state"] == "stated"


def test_two_authorities_may_share_one_head(
    script: ScriptVerifier, authority: Authority, second_authority: Authority, tmp_path: Path
) -> None:
    case = make_case()
    case.anchor(authority, tmp_path, entered=False)
    tsq = case.anchors["proof/anchors/0001.tsq"]
    case.anchors["proof/anchors/b.tsr"] = second_authority.stamp(tsq)
    signers = (second_authority.signer, second_authority.issuer, second_authority.root)
    case.anchors["proof/anchors/b.pem"] = b"".join(signer.pem for signer in signers)
    first = case.stamps[0]
    places = ("proof/anchors/0001.tsq", "proof/anchors/b.tsr", "proof/anchors/b.pem")
    case.stamps[0] = Stamped(first.note, first.size, [*first.responses, places])
    answer = ask(script, case.write(short=True))
    assert len(answer["timestamp"]["stamps"]) == 2


# -- signatures ------------------------------------------------------------------------------------

RFC_8032 = [  # section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]

ASKING = """
process.stdin.setEncoding("utf8");
let text = "";
process.stdin.on("data", (part) => { text += part; });
process.stdin.on("end", async () => {
  const out = [];
  for (const [key, signature, message] of JSON.parse(text)) {
    const parts = [key, signature, message].map(fromHex);
    out.push([await ed25519Valid(...parts), await ed25519Valid(...parts, undefined)]);
    out[out.length - 1].push(await ed25519Valid(...parts, null));
  }
  process.stdout.write(JSON.stringify(out));
});
"""


def by_script(folder: Path, asked: list[tuple[bytes, bytes, bytes]]) -> list[list[bool]]:
    """Ask the script: by the browser's Ed25519 twice, and by its own."""
    place = folder / "ask.js"
    place.write_text(core_js() + ASKING, encoding="utf-8")
    data = json.dumps([[part.hex() for part in one] for one in asked])
    done = subprocess.run(
        ["node", str(place)], input=data.encode(), capture_output=True, check=True, timeout=60
    )
    return list(json.loads(done.stdout))


def strange_signatures() -> list[tuple[bytes, bytes, bytes]]:
    """Give signatures that implementations disagree about, and plainly wrong ones."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, message = key.public_key().public_bytes_raw(), b"message"
    good = key.sign(message)
    high = int.from_bytes(good[32:], "little") + verify.ORDER
    small = [
        (y | sign << 255).to_bytes(32, "little") for y in verify.SMALL_ORDER for sign in (0, 1)
    ]
    small += [(y + verify.P).to_bytes(32, "little") for y in (0, 1)]
    asked = [
        (public, good[:32] + high.to_bytes(32, "little"), message),
        (public, good[:-1] + bytes([good[-1] | 0x80]), message),
        (public, bytes(64), message),
        (public, good, message + b"!"),
        (public, good[:63], message),
        (public[:31], good, message),
        (b"\xff" * 32, good, message),
        ((2).to_bytes(32, "little"), good, message),
    ]
    for point in small:
        asked.append((point, point + bytes(32), message))
        asked.append((point, good, message))
        asked.append((public, point + good[32:], message))
    return asked


def test_published_signatures_are_valid_and_doubtful_ones_are_not(tmp_path: Path) -> None:
    published = [
        (bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message))
        for key, message, signature in RFC_8032
    ]
    asked = published + strange_signatures()
    expected = [index < len(published) for index in range(len(asked))]
    assert [verify.ed25519_valid(*one) for one in asked] == expected
    assert by_script(tmp_path, asked) == [[valid] * 3 for valid in expected]


def test_flipped_signatures_are_refused_by_all(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, message = key.public_key().public_bytes_raw(), b"m" * 40
    good = key.sign(message)
    asked = [(public, good, message)]
    for bit in range(0, 512, 7):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        asked.append((public, bytes(flipped), message))
    expected = [True] + [False] * (len(asked) - 1)
    assert [verify.ed25519_valid(*one) for one in asked] == expected
    assert by_script(tmp_path, asked) == [[valid] * 3 for valid in expected]


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
@settings(max_examples=30, deadline=None)
def test_every_signature_of_the_library_is_valid_here(message: bytes, seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    assert verify.ed25519_valid(public, key.sign(message), message)
    assert not verify.ed25519_valid(public, key.sign(message), message + b"x")


def spki(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> verify.Der:
    data = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return verify.der(data, verify.SEQUENCE)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_elliptic_signatures_of_the_library_are_valid_here(
    curve: ec.EllipticCurve, name: str
) -> None:
    key = ec.generate_private_key(curve)
    chosen = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    for message in (b"", b"one", b"x" * 1000):
        signature = key.sign(message, ec.ECDSA(chosen[name]))
        public = spki(key.public_key())
        assert verify.signature_valid(public, "ec", name, signature, message)
        assert not verify.signature_valid(public, "ec", name, signature, message + b"!")
        assert not verify.signature_valid(public, "rsa", name, signature, message)


def test_an_rsa_signature_must_be_the_one_right_block() -> None:
    key = rsa.generate_private_key(65537, 2048)
    public, message = spki(key.public_key()), b"message"
    signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    assert verify.signature_valid(public, "rsa", "sha256", signature, message)
    assert not verify.signature_valid(public, "rsa", "sha512", signature, message)
    assert not verify.signature_valid(public, "rsa", "sha256", b"\0" + signature, message)
    numbers = key.private_numbers()
    loose = b"\x00\x01" + b"\xff" * 100 + b"\x00" + hashlib.sha256(message).digest()
    block = int.from_bytes(loose.ljust(256, b"\0"), "big")
    forged = pow(block, numbers.d, numbers.public_numbers.n).to_bytes(256, "big")
    assert not verify.signature_valid(public, "rsa", "sha256", forged, message)


@given(st.binary(max_size=400))
@settings(max_examples=150)
def test_no_bytes_make_the_reader_of_stamps_fail_otherwise(data: bytes) -> None:
    for read in (verify.parse_query, verify.parse_response, verify.parse_chain):
        try:
            read(data)
        except (verify.Malformed, verify.Refused):
            continue


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_altered_stamp_makes_the_reader_fail_otherwise(
    authority: Authority, data: st.DataObject
) -> None:
    good = _stamp_of(authority)
    altered = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        altered[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        token = verify.parse_response(bytes(altered))
        verify.signed_bytes(token)
        verify.signing_certificate(token, token.certificates).name()
    except (verify.Malformed, verify.Refused):
        pass


_STAMPS: dict[str, bytes] = {}


def _stamp_of(authority: Authority) -> bytes:
    if "one" not in _STAMPS:
        query = subprocess.run(
            ["openssl", "ts", "-query", "-sha256", "-digest", "00" * 32, "-cert"],
            capture_output=True,
            check=True,
        ).stdout
        _STAMPS["one"] = authority.stamp(query)
    return _STAMPS["one"]


def test_the_scripts_own_hashes_agree_with_the_library(tmp_path: Path) -> None:
    lengths = [0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 127, 128, 129, 1000, 70001]
    asking = """
    const half = (data) => crc32(data.subarray(0, data.length >> 1), 0);
    const out = %s.map((length) => {
      const data = Uint8Array.from({ length }, (_, i) => i & 255);
      const pieces = new Sha256();
      for (let at = 0; at < length; at += 37) pieces.update(data.subarray(at, at + 37));
      return [hex(sha256(data)), hex(pieces.digest()), hex(wideHash("sha384", data)),
        hex(wideHash("sha512", data)), crc32(data.subarray(length >> 1), half(data))];
    });
    process.stdout.write(JSON.stringify(out));
    """
    place = tmp_path / "hashes.js"
    place.write_text(core_js() + asking % lengths, encoding="utf-8")
    done = subprocess.run(["node", str(place)], capture_output=True, check=True, timeout=60)
    for length, found in zip(lengths, json.loads(done.stdout), strict=True):
        data = bytes(i & 255 for i in range(length))
        names = ("sha256", "sha256", "sha384", "sha512")
        digests = [hashlib.new(name, data).hexdigest() for name in names]
        assert found == [*digests, verify.binascii.crc32(data)]
