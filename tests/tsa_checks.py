# SPDX-License-Identifier: Apache-2.0
"""What tests of timestamps ask again and again, of us and of ``openssl``."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from standfast.vault.stamp_refused import Reason, StampRefused
from standfast.vault.timestamp import Stamp, build_query, check, openssl_command
from tsa import Authority, verified_by_openssl

if TYPE_CHECKING:
    from pathlib import Path


NOTE = b"a signed checkpoint of a fictional case\n"
DIGEST = hashlib.sha256(NOTE).digest()
QUERY = build_query(DIGEST)


def reason(response: bytes, roots: tuple[bytes, ...] = (), digest: bytes = DIGEST) -> Reason:
    with pytest.raises(StampRefused) as refused:
        check(response, QUERY, digest, roots=roots)
    return refused.value.reason


def openssl_agrees(stamp: Stamp, response: bytes, folder: Path) -> bool:
    files = {"x.tsr": response, "head.note": NOTE}
    files |= {"root.pem": stamp.root.encode(), "chain.pem": "".join(stamp.chain).encode()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = openssl_command(
        stamp, response="x.tsr", data="head.note", root="root.pem", chain="chain.pem"
    )
    return verified_by_openssl(command, folder)


def openssl_accepts(response: bytes, authority: Authority, folder: Path) -> bool:
    """Ask ``openssl`` about any response, with our query so that it checks the nonce too."""
    for name, content in {"r": response, "q": QUERY, "ca": authority.root_pem}.items():
        (folder / name).write_bytes(content)
    moment = int(datetime.now(UTC).timestamp())
    command = f"openssl ts -verify -in r -queryfile q -CAfile ca -attime {moment}"
    return verified_by_openssl(command, folder)
