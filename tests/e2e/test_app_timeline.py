# SPDX-License-Identifier: Apache-2.0
"""The timeline in a real browser: one scroll over everything, searched, narrowed, looked into.

What must hold: whatever is scrolled to is there and in order; nothing that is read jumps; hits are
marked; a message is text and never markup; all of it by keyboard, on a phone, and without scripts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app_case import DESK, PHONE, App, Server
from desk_case import PHRASE, make, put
from scroll_case import ROWS, in_view, numbers, open_timeline
from standfast.demo.story import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

DEMO = told("case")["passphrase"]


@pytest.fixture(scope="module")
def server(demo_case: Path) -> Iterator[Server]:
    with Server(demo_case) as running:
        yield running


@pytest.fixture(scope="module")
def entered(browser: Browser, server: Server) -> Any:
    app = App(browser, server)
    app.open(DEMO)
    open_timeline(app)
    state = app.context.storage_state()
    app.clean()
    return state


@pytest.fixture
def app(browser: Browser, server: Server, entered: Any) -> Iterator[App]:
    window = App(browser, server, storage_state=entered)
    yield window
    window.clean()


def test_the_end_and_the_middle_are_reached_and_all_is_in_order(app: App) -> None:
    page = open_timeline(app)
    total = in_view(page)[0]["of"]
    assert numbers(page)[0] == 1
    page.locator(".roll").evaluate("one => one.scrollTop = one.scrollHeight")
    assert numbers(page)[1] == total
    page.locator(".roll").evaluate("one => one.scrollTop = one.scrollHeight / 2")
    assert abs(numbers(page)[0] - total / 2) < total / 20
    page.locator(".roll").evaluate("one => one.scrollTop = 0")
    assert numbers(page)[0] == 1


def test_turning_the_wheel_moves_by_as_much_and_misses_nothing(app: App) -> None:
    page = open_timeline(app)
    page.locator(".roll").hover()
    seen: list[int] = []
    for _step in range(40):
        seen += [one["n"] for one in page.evaluate(ROWS) if -1 < one["top"] < one["tall"]]
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(60)
    assert sorted(set(seen)) == list(range(1, max(seen) + 1))
    for _step in range(60):
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(30)
    assert numbers(page)[0] == 1


def test_what_is_read_does_not_move_when_the_bar_is_put_right(app: App) -> None:
    page = open_timeline(app)
    page.locator(".roll").hover()
    page.locator(".roll").evaluate("one => one.scrollTop = one.scrollHeight / 3")
    in_view(page)
    page.mouse.wheel(0, 700)
    page.wait_for_timeout(60)
    rows = page.evaluate(ROWS)
    before = {one["n"]: one["top"] for one in rows if 0 < one["top"] < one["tall"]}
    page.wait_for_timeout(900)
    after = {one["n"]: one["top"] for one in page.evaluate(ROWS)}
    assert before
    assert all(abs(after[number] - top) < 2 for number, top in before.items())


def test_by_keyboard_alone(app: App) -> None:
    page = open_timeline(app)
    total = in_view(page)[0]["of"]
    for _step in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "roll":
            break
    assert page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("PageDown")
    assert numbers(page)[0] > 1
    page.keyboard.press("End")
    assert numbers(page)[1] == total
    page.keyboard.press("PageUp")
    assert numbers(page)[1] < total
    page.keyboard.press("ArrowUp")
    rows = in_view(page)
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('li').getAttribute('aria-posinset')")
    assert int(focused) in {rows[0]["n"], rows[0]["n"] + 1}  # what is in view, not what was passed
    page.keyboard.press("Home")
    assert numbers(page)[0] == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/e/*")


def test_searching_marks_hits_and_leads_from_one_to_the_next(app: App) -> None:
    page = open_timeline(app)
    page.locator("#f-search").press_sequentially("warum", delay=30)
    page.wait_for_function(
        "() => document.querySelector('[data-hits-told]').textContent.includes('1')"
    )
    told_hits = page.locator("[data-hits-told]").inner_text()
    total = int(re.findall(r"\d+", told_hits)[1])
    assert total > 5
    places = []
    for number in range(total):
        page.wait_for_function(
            f"() => document.querySelector('[data-hits-told]')"
            f".textContent.includes('{number + 1} ')"
        )
        rows = in_view(page)
        assert "warum" in rows[0]["text"].lower() or any(
            "warum" in one["text"].lower() for one in rows
        )
        assert page.locator(".roll mark").count()
        places.append(page.evaluate("history.state.at"))
        page.locator("[data-hit='1']").click()
    assert places == sorted(set(places))
    page.wait_for_function(
        "() => document.querySelector('[data-hits-told]').textContent.includes('1 ')"
    )
    page.locator("[data-only]").click()
    page.wait_for_load_state()
    open_timeline(app, page.url.removeprefix(app.server.base))
    assert in_view(page)[0]["of"] == total
    assert "warum" not in page.url
    page.locator("#f-search").fill("")
    page.wait_for_function("() => document.querySelector('[data-hits]').hidden")


def test_the_newest_search_wins(app: App) -> None:
    page = open_timeline(app)
    page.locator("#f-search").press_sequentially("nichts davon gibt es hier", delay=60)
    page.locator("#f-search").fill("warum")
    page.wait_for_timeout(1500)
    assert re.search(r"1 of \d+", page.locator("[data-hits-told]").inner_text())
    page.locator("#f-search").fill("qqqq")
    page.wait_for_function(
        "() => document.querySelector('[data-hits-told]').textContent.includes('Nothing')"
    )


def test_narrowing_down_is_said_and_taken_off(app: App) -> None:
    page = open_timeline(app)
    total = in_view(page)[0]["of"]
    page.get_by_role("link", name="Narrow down").click()
    page.get_by_label("Jonas").first.check()
    page.get_by_label("Calls").check()
    page.get_by_role("button", name="Show it").click()
    page.wait_for_selector(".roll .event")
    assert in_view(page)[0]["of"] < total
    page.get_by_role("link", name=re.compile("Calls")).click()
    page.wait_for_selector(".roll .event")
    page.get_by_role("link", name=re.compile("Jonas.*take this off")).click()
    page.wait_for_selector(".roll .event")
    assert in_view(page)[0]["of"] == total


def test_from_years_to_minutes_by_pressing_cells(app: App) -> None:
    page = open_timeline(app)
    page.get_by_role("link", name="Years, days and hours").click()
    for _level in range(4):
        page.wait_for_selector("svg a", timeout=60_000)
        heading = page.locator("h1").inner_text()
        page.locator(".figure svg a").first.click()
        page.wait_for_function(f"() => document.querySelector('h1').innerText !== {heading!r}")
    page.wait_for_selector(".roll .event")
    assert in_view(page)


def test_a_day_is_gone_to(app: App) -> None:
    page = open_timeline(app)
    page.locator("#f-day").fill("2026-03-01")
    page.get_by_role("button", name="Go", exact=True).click()
    page.wait_for_function(
        "() => document.querySelector('.roll-day').textContent.includes('1 March 2026')"
    )
    assert "Sunday, 1 March 2026" in in_view(page)[0]["text"]


def test_an_event_and_back_to_where_one_was(app: App) -> None:
    page = open_timeline(app)
    page.locator(".roll").evaluate("one => one.scrollTop = one.scrollHeight / 2")
    rows = in_view(page)
    page.locator(f".roll li[aria-posinset='{rows[1]['n']}'] .event-link").click()
    page.wait_for_selector("h1")
    page.wait_for_selector("dl.facts code")
    page.go_back()
    page.wait_for_selector(".roll .event")
    assert abs(numbers(page)[0] - rows[0]["n"]) <= 1


def test_pictures_are_drawn_anew_and_nothing_else_is_shown(app: App) -> None:
    page = open_timeline(app)
    with page.expect_response(lambda one: "/e/p/" in one.url) as drawn:
        page.locator("#f-search").fill("unser platz")
    assert drawn.value.headers["content-type"] == "image/png"
    assert drawn.value.body()[:4] == b"\x89PNG"
    page.wait_for_function("() => document.querySelector('.event-picture')?.naturalWidth > 0")
    sources = "[...document.querySelectorAll('.roll img')].map(one => new URL(one.src).pathname)"
    assert all(one.startswith("/e/p/") for one in page.evaluate(sources))


@pytest.mark.parametrize(
    "window",
    [
        {"viewport": PHONE, "has_touch": True},
        {"viewport": PHONE, "color_scheme": "dark", "locale": "de-DE"},
        {"viewport": DESK, "locale": "de-DE"},
    ],
)
def test_on_a_phone_and_in_german(
    browser: Browser, demo_case: Path, window: dict[str, Any]
) -> None:
    with Server(demo_case) as server:
        app = App(browser, server, **window)
        app.open(DEMO)
        if window.get("locale") == "de-DE":
            app.visit("/s").locator("select[name=language]").select_option("de")
            app.page.locator("form:has(select[name=language]) button").click()
            app.page.wait_for_load_state()
        page = open_timeline(app)
        total = in_view(page)[0]["of"]
        page.locator(".roll").evaluate("one => one.scrollTop = one.scrollHeight")
        assert numbers(page)[1] == total
        if window.get("locale") == "de-DE":
            assert page.evaluate("document.documentElement.lang") == "de"
            page.locator(".roll").evaluate("one => one.scrollTop = 0")
            assert "Freitag, 2. Januar 2026" in in_view(page)[0]["text"]
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        assert app.axe() == []
        app.clean()


def test_without_scripts_everything_is_there_page_by_page(
    browser: Browser, server: Server, entered: Any
) -> None:
    app = App(browser, server, storage_state=entered, java_script_enabled=False)
    page = app.visit("/t")
    assert page.locator("ol.events > li").count() == 100
    page.get_by_role("link", name="Last").first.click()
    assert "1,003 of 1,003" in page.locator(".ways-pages").first.inner_text()
    page.get_by_role("link", name="First").first.click()
    page.locator("#f-search").fill("warum")
    page.get_by_role("button", name="Find").click()
    assert page.locator("ol.events mark").count() >= 10
    page.locator(".event-link").first.click()
    assert page.locator("h1").inner_text() == "A message"
    assert page.locator(".original-bytes mark").count() == 1
    app.clean()


def test_no_text_becomes_markup(browser: Browser, tmp_path: Path) -> None:
    attack = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e{{1}}'
    lines = [f"14/03/2024, 09:{n:02} - <b>Alex</b> {n % 3}: {n} {attack}" for n in range(50)]
    letter = (
        f"From: x@example.org\nTo: y@example.org\nSubject: <s>{attack[:30]}</s>\n"
        f"Date: Sat, 16 Mar 2024 10:00:00 +0100\nMessage-ID: <1@example.org>\n\n{attack}\n"
    )
    with make(tmp_path / "case") as desk:
        desk.add(
            [put(tmp_path, "chat.txt", "\n".join(lines) + "\n"), put(tmp_path, "l.eml", letter)]
        )
    with Server(tmp_path / "case") as server:
        app = App(browser, server)
        app.open(PHRASE)
        page = open_timeline(app)
        page.locator("#f-search").fill("<script>")
        page.wait_for_function(
            "() => document.querySelector('[data-hits-told]').textContent.includes('51')"
        )
        in_view(page)
        assert page.locator(".roll :is(script, s, b, img, [onerror])").count() == 0
        assert page.locator(".roll mark").first.inner_text() == "<script>"
        assert "[U+202E]" in page.locator(".roll").inner_text()
        page.locator(".roll .event-link").first.click()
        page.wait_for_selector(".original-bytes")
        assert page.locator("main :is(s, b, [onerror], img, script)").count() == 0
        assert page.title() == "Notes"
        app.clean()


def test_the_script_shows_what_the_page_without_scripts_shows(
    app: App, browser: Browser, server: Server, entered: Any
) -> None:
    plain = App(browser, server, storage_state=entered, java_script_enabled=False)
    written: list[str] = []
    page = plain.visit("/t")
    for _page in range(2):
        written += page.locator("ol.events > li").all_text_contents()
        page.get_by_role("link", name="Later").first.click()
    plain.clean()
    app.page.set_viewport_size({"width": 1280, "height": 3000})
    page = open_timeline(app)
    page.locator(".roll").focus()
    made: dict[int, str] = {}
    while max(made, default=0) < len(written) - 20:
        in_view(page)
        for row in page.locator(".roll li").all():
            number = row.get_attribute("aria-posinset")
            made[int(number or 0)] = row.text_content() or ""
        page.keyboard.press("PageDown")
    wanted = {n: "".join(written[n - 1].split()) for n in made if n <= len(written)}
    assert {n: "".join(made[n].split()) for n in wanted} == wanted


def test_what_another_window_writes_is_said(browser: Browser, tmp_path: Path) -> None:
    lines = [f"14/03/2024, {n // 60:02}:{n % 60:02} - Alex: number {n}" for n in range(400)]
    with make(tmp_path / "case") as desk:
        desk.add([put(tmp_path, "chat.txt", "\n".join(lines) + "\n")])
    with Server(tmp_path / "case") as server:
        app = App(browser, server)
        app.open(PHRASE)
        page = open_timeline(app)
        other = app.window()
        other.goto(server.base + "/n/i")
        other.locator("textarea").first.fill("somebody at the door")
        other.get_by_role("button", name="Keep").or_(other.locator("main button")).first.click()
        other.wait_for_load_state()
        for _try in range(40):
            other.goto(server.base + "/t")
            if "401 events" in other.locator("main").inner_text():
                break
        page.locator(".roll").focus()
        page.keyboard.press("End")
        page.get_by_role("link", name="Show the newest").click()
        open_timeline(app)
        assert in_view(page)[0]["of"] == 401
        app.clean()
