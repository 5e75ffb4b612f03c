# SPDX-License-Identifier: Apache-2.0
"""``verify.html`` in a real browser, opened from the disk: right answers, no network, no markup."""

from __future__ import annotations

import base64
import json
import random
import re
import time
import zipfile
from collections import Counter
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from bundle_case import files_of, make_case, relisted, stamped_bundle, zipped
from bundle_edits import raw_zip
from standfast.dossier.verifier import verify_html
from standfast.dossier.verifier.verify import check_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tsa import Authority

pytestmark = pytest.mark.browser

ANSWER = """
document.addEventListener("standfast-answer", (event) => {
  window.answered = JSON.stringify(event.detail);
});
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (folder / "verify.html").write_bytes(verify_html())
    return folder / "verify.html"


@pytest.fixture(scope="module")
def good(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, second_authority: Authority
) -> bytes:
    return stamped_bundle(tmp_path_factory.mktemp("good"), authority, second_authority)


def answered(page: Page) -> dict[str, Any]:
    """Wait for the answer; the page's own policy forbids Playwright's way of waiting."""
    for _ in range(2_000):
        text = page.evaluate("window.answered")
        if text:
            return json.loads(text)
        time.sleep(0.01)
    pytest.fail("the page gave no answer")


class Watched:
    """A page, what it asked for, and what it complained about."""

    def __init__(self, browser: Browser, place: Path, **options: Any) -> None:
        self.context = browser.new_context(locale="en-GB", **options)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        self.page.add_init_script(ANSWER)
        self.page.goto(place.as_uri())

    def check(self, data: bytes, name: str = "bundle.zip") -> dict[str, Any]:
        """Choose a file and wait for the answer."""
        self.page.evaluate("window.answered = ''")
        file = {"name": name, "mimeType": "application/zip", "buffer": data}
        self.page.set_input_files("#file", file)
        return answered(self.page)


@pytest.fixture
def watched(browser: Browser, place: Path) -> Iterator[Watched]:
    page = Watched(browser, place)
    yield page
    page.context.close()
    assert page.asked == [place.as_uri()], "the page asked for something"
    assert page.complaints == []


def by_python(bundle: bytes | Path) -> dict[str, Any]:
    source = BytesIO(bundle) if isinstance(bundle, bytes) else bundle
    answer = check_bundle(source).as_json()
    for reason in answer["reasons"]:
        del reason["detail"]
    return json.loads(json.dumps(answer))


def test_a_genuine_bundle_is_called_genuine(watched: Watched, good: bytes) -> None:
    assert watched.check(good) == by_python(good)
    heading = watched.page.inner_text("#verdict")
    assert heading == "✓ GENUINE."
    assert watched.page.inner_text("#status") == heading
    said = watched.page.inner_text("#said")
    assert "TIMESTAMPED. The first 6 of 10" in said
    assert by_python(good)["fingerprint"] in said
    assert watched.page.evaluate("document.activeElement.id") == "answer"


def test_the_page_can_check_the_bundle_it_came_in(watched: Watched) -> None:
    data = make_case().write()
    assert files_of(data)["verify.html"] == verify_html()
    assert watched.check(data)["verdict"] == "genuine"


def test_a_partial_bundle_says_how_much_was_kept_back(watched: Watched) -> None:
    case = make_case()
    data = case.write(keep_back=[list(case.originals)[1]], shown=[1, 2], hide=[4], short=True)
    assert watched.check(data) == by_python(data)
    assert "INCOMPLETE ON PURPOSE" in watched.page.inner_text("#verdict")
    assert "1 of 2 originals, 2 of 6 events" in watched.page.inner_text("#said")
    assert "note 1" in watched.page.inner_text("#said")


def altered_bundles(good: bytes) -> list[bytes]:
    chance = random.Random(7)
    made = []
    for _ in range(16):
        at = chance.randrange(len(good))
        made.append(good[:at] + bytes([good[at] ^ (1 << chance.randrange(8))]) + good[at + 1 :])
    made += [good[: chance.randrange(len(good))] for _ in range(6)]
    files = files_of(good)
    for name in list(files)[::3]:
        made.append(zipped(relisted({**files, name: files[name][::-1]})))
    made += [b"", b"PK", good + b"x", good[100:]]
    return [data for data in made if data != good]  # a reversed manifest is put right again


def test_altered_bundles_get_the_same_answer_as_from_verify_py(
    watched: Watched, good: bytes
) -> None:
    bundles = altered_bundles(good)
    assert len(bundles) >= 30
    seen: Counter[str] = Counter()
    for data in bundles:
        expected = by_python(data)
        assert watched.check(data) == expected
        seen[expected["verdict"]] += 1
    assert seen["altered"] >= 20
    assert not seen["genuine"]


def test_an_altered_bundle_names_where_in_words(watched: Watched, good: bytes) -> None:
    files = files_of(good)
    watched.check(zipped({**files, "data/dossier.pdf": b"%PDF forged"}))
    assert watched.page.inner_text("#verdict") == "✗ ALTERED."
    said = watched.page.inner_text("#said")
    assert "data/dossier.pdf: The content of this file is not the one that is listed." in said
    assert "4 of 5 sealed files" in said


def test_the_language_can_be_changed_at_any_time(watched: Watched, good: bytes) -> None:
    watched.check(good)
    watched.page.click("#language")
    assert watched.page.inner_text("#verdict") == "✓ ECHT."
    assert watched.page.evaluate("document.documentElement.lang") == "de"
    watched.page.click("#language")
    assert watched.page.inner_text("#verdict") == "✓ GENUINE."


def test_hostile_names_stay_text(watched: Watched, good: bytes) -> None:
    evil = b"<img src=x onerror=alert(1)>\xe2\x80\xae"
    entries = [(b"bundle/" + path.encode(), data) for path, data in files_of(good).items()]
    watched.check(raw_zip([*entries, (evil, b"")]), "<script>x</script>\u202e.zip")
    assert watched.page.locator("#answer img, #answer script").count() == 0
    text = watched.page.inner_text("#answer")
    assert "<img" in text
    assert "<script>x</script>[U+202E].zip" in text


def test_a_file_can_be_dropped_anywhere(watched: Watched, good: bytes) -> None:
    text = base64.b64encode(good).decode()
    watched.page.evaluate(
        """(text) => {
          const data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([data], "dropped.zip"));
          document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    watched.page.wait_for_selector("#answer.genuine")


def test_an_unpacked_folder_can_be_chosen(watched: Watched, good: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(good)) as found:
        found.extractall(tmp_path)
    for folder in (tmp_path, tmp_path / "bundle"):
        watched.page.evaluate("window.answered = ''")
        watched.page.set_input_files("#folder", folder)
        assert answered(watched.page) == by_python(folder)
        assert watched.page.locator("#answer.genuine").count() == 1
    (tmp_path / "bundle" / "data" / "Thumbs.db").write_bytes(b"the system's own")
    (tmp_path / "bundle" / "data" / "new.txt").write_bytes(b"new")
    (tmp_path / "bundle" / "data" / "dossier.pdf").write_bytes(b"forged")
    watched.page.evaluate("window.answered = ''")
    watched.page.set_input_files("#folder", tmp_path / "bundle")
    answer = answered(watched.page)
    assert answer == by_python(tmp_path / "bundle")
    assert {one["code"] for one in answer["reasons"]} == {"file_altered", "file_extra"}


def test_it_works_by_keyboard_and_on_a_phone(browser: Browser, place: Path, good: bytes) -> None:
    small = Watched(browser, place, viewport={"width": 320, "height": 640}, color_scheme="dark")
    small.check(good)
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert small.page.evaluate(wide)
    small.page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(4):
        small.page.keyboard.press("Tab")
        reached.append(small.page.evaluate("document.activeElement.id"))
    assert {"language", "file", "folder"} <= set(reached)
    assert small.page.evaluate("document.querySelector('label').control.id") == "file"
    small.context.close()


def test_without_scripts_the_page_says_what_to_do(browser: Browser, place: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(place.as_uri())
    assert "verify.py" in page.inner_text("#intro")
    context.close()


def test_the_policy_forbids_everything_but_this_script_and_style(
    browser: Browser, place: Path, good: bytes
) -> None:
    page = verify_html().decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    script = re.search(r"<script>(.*)</script>", page, re.DOTALL)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert policy
    assert script
    assert style
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    for part in (script[1], style[1]):
        digest = base64.b64encode(sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
        assert "</script" not in part
        assert "<!--" not in part
    assert "unsafe" not in policy[1]
    for sink in ("innerHTML", "outerHTML", "document.write", "eval(", "fetch(", "XMLHttpRequest"):
        assert sink not in page
    forged = place.with_name("forged.html")
    forged.write_text(page.replace("speak();\n", "speak(); window.evil = 1;\n"), encoding="utf-8")
    watched = Watched(browser, forged)
    assert watched.page.evaluate("window.evil") is None
    assert any("Content Security Policy" in text for text in watched.complaints)
    watched.context.close()
    assert good


def test_a_browser_without_modern_signatures_can_still_check(
    browser: Browser, place: Path, good: bytes
) -> None:
    """An old computer: no Ed25519 in the browser."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(ANSWER)
    page.add_init_script(
        """const real = crypto.subtle.importKey.bind(crypto.subtle);
        SubtleCrypto.prototype.importKey = (format, key, algorithm, ...rest) =>
          algorithm.name === "Ed25519"
            ? Promise.reject(new DOMException("no", "NotSupportedError"))
            : real(format, key, algorithm, ...rest);"""
    )
    page.goto(place.as_uri())
    for data in (good, good[:5000] + b"x" + good[5001:]):
        page.evaluate("window.answered = ''")
        file = {"name": "b.zip", "mimeType": "application/zip", "buffer": data}
        page.set_input_files("#file", file)
        assert answered(page) == by_python(data)
    context.close()
