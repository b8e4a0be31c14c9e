"""The page at `/` in a real browser over a real server: each thing a person does there, with pictures of it.

Set PAGE_PICTURES to a folder to keep the pictures there; they are among pytest's temporary files otherwise.
"""

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from api_served import TEXTS, keyed, listening, served
from small import build, prose, record

from api.app import create
from api.house import House
from api.page import FILES, PATHS
from api.shelf import Shelf
from cascade.config import Config

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title = 'taken'</script>"
PLANTED = [
    record("trap-1", f"The lantern of the tower is lit by {HOSTILE} at dusk.", title=f"Lantern {HOSTILE}", key="t1"),
    record("trap-2", f"The keeper of the lantern is called <b>Ada</b> {HOSTILE}.", title="<h1>Keeper</h1>", key="t2"),
]
LONG = " ".join(f"Before the harbour there was sentence {number} about nothing." for number in range(80))
STORY = f"{LONG}\n\n🚢 The harbour of Anholt was dug in 1902. \n\n{LONG.replace('Before', 'After')}"
ASKED = "How high is the tower?"
WATCH = """() => {
    window.seen = [];
    new MutationObserver((all) => all.forEach(({ target }) => {
        const now = `${target.dataset.level} ${target.dataset.state}`;
        if (!window.seen.includes(now)) window.seen.push(now);
    })).observe(document.getElementById("levels"), { subtree: true, attributeFilter: ["data-state"] });
}"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    root = tmp_path_factory.mktemp("page") / "island"
    known = [record(key, text, key=key, title=key.title(), time="2024-05-01") for key, text in TEXTS.items()]
    story = record("story", STORY, source="tales", key="story", title="The harbour")
    build(root, [*known, *PLANTED, story, *prose(300)])
    with Shelf.open([root], Config(reader="toy")) as found:
        yield found


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = Path(os.environ.get("PAGE_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=8_000)
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@contextmanager
def opened(browser, house, **how):
    """The page of a server of its own; whatever the browser complains of meanwhile is an error."""
    complaints = []
    with listening(create(house)) as port:
        context = browser.new_context(viewport={"width": 1200, "height": 900}, **how)
        page = context.new_page()
        page.set_default_timeout(8_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"http://127.0.0.1:{port}/")
        yield page
        assert page.title() == "Cascade"
        context.close()
    assert [one for one in complaints if not re.search("status of 4|TrustedHTML|ERR_FAILED", one)] == []


@pytest.fixture(scope="module")
def page(browser, shelf):
    with opened(browser, House(shelf)) as found:
        yield found


def kept(page, pictures, name, full=True):
    page.screenshot(path=str(pictures / f"{name}.png"), full_page=full, animations="disabled")


def closed(page):
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_every_file_is_served_to_anyone_with_a_policy_that_forbids_what_it_does_not_need(tmp_path):
    with served(tmp_path) as at:
        for path in PATHS:
            found = at.sent("GET", path, key="")
            assert found.status_code == 200
            assert "script-src 'self'; style-src 'self'" in found.headers["content-security-policy"]
            assert "unsafe" not in found.headers["content-security-policy"]
            assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", found.text)
            assert not re.search(r"(https?:)?//(?!www\.w3\.org)\w+\.\w", found.text)
        assert at.sent("GET", "/page/__init__.py", key="admin").status_code == 404
        html = at.sent("GET", "/", key="").text
        assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=|<style", html)
    folder = Path(__file__).parents[2] / "api/page"
    assert {path.name for path in folder.iterdir() if path.suffix in (".html", ".css", ".js", ".svg")} == set(FILES)


def test_a_passage_is_given_with_its_neighbours(tmp_path):
    with served(tmp_path) as at:
        build(at.house.shelf.path("harbour"), [record("story", STORY, key="story")])
        at.house.shelf.renew("harbour")
        asked = {"query": "the harbour of Anholt was dug in 1902", "k": 1}
        passage = at.sent("POST", "/indexes/harbour/search", json=asked).json()["passages"][0]["id"]
        path = f"/indexes/harbour/passages/{passage}/around"
        near = at.sent("GET", f"{path}?before=1&after=1").json()
        assert near["text"] == STORY[near["start"] : near["end"]]
        assert passage in [one["id"] for one in near["passages"]]
        assert at.sent("GET", f"{path}?before=200&after=200").json()["text"] == STORY
        assert at.sent("GET", path, "other").status_code == 404
        assert at.sent("GET", path.replace(passage, "f" * 32 + "-0")).status_code == 404


@needs_browser
def test_a_question_narrows_the_funnel_and_its_citations_open_the_record(page, pictures):
    from playwright.sync_api import expect

    expect(page.locator("[data-level=passages] .figure")).to_have_text(re.compile(r"^3\d\d$"))
    kept(page, pictures, "1-empty")
    page.evaluate(WATCH)
    page.get_by_label("Your question").fill(ASKED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"^Answered, with \d+ source"))
    expect(page.locator("#said")).to_contain_text("46 metres")
    seen = page.evaluate("() => window.seen")
    levels = ("candidates", "ranked", "packed", "tokens")
    assert [one for one in seen if one.endswith("done")] == [f"{level} done" for level in ("passages", *levels)]
    assert seen.index("candidates done") < seen.index("ranked busy") < seen.index("ranked done")
    figures = [int(text) for text in page.locator("#levels .figure").all_inner_texts()]
    assert figures[0] == figures[1] >= figures[2] >= figures[3] > 0
    assert figures[2] <= 117
    for level in levels:
        expect(page.locator(f"[data-level={level}][data-state=done] .took")).to_have_text(re.compile(r"\d m?s$"))
    kept(page, pictures, "2-answer")
    page.locator("#said button.cite").first.click()
    expect(page.locator("#record mark")).to_have_text(TEXTS["tower"])
    expect(page.locator("#record mark strong")).to_have_text(re.compile("46 metres"))
    kept(page, pictures, "3-record", full=False)
    closed(page)


@needs_browser
def test_a_question_can_be_stopped_and_a_server_that_is_gone_is_said(page):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill(ASKED)
    page.route("**/ask", lambda route: None)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status").first).to_have_text("Stopped.")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    page.unroute("**/ask")
    page.route("**/search", lambda route: route.abort())
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    page.unroute("**/search")


@needs_browser
def test_a_passage_within_a_long_record_is_highlighted_where_it_stands(page, pictures):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill("The harbour of Anholt was dug in 1902")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="Open The harbour in its record").first.click()
    expect(page.locator("#record mark")).to_contain_text("dug in 1902")
    page.get_by_role("button", name="Show what comes before").click()
    page.get_by_role("button", name="Show what follows").click()
    expect(page.locator("#record-text .link")).to_have_count(0)
    assert page.locator("#record-text").evaluate("(one) => one.textContent") == STORY
    assert page.locator("#record mark").evaluate("(one) => one.getBoundingClientRect().height") > 0
    kept(page, pictures, "4-long-record", full=False)
    closed(page)


@needs_browser
def test_search_keeps_to_its_filters_and_says_which_it_does_not_understand(page, pictures):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill("river harbour ferry")
    page.get_by_text("Filters").click()
    page.get_by_label("And", exact=True).fill('topic = "river" and number < 20')
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#found-name")).to_have_text("4 best passages")
    expect(page.locator("#narrowed")).to_have_text("1")
    page.get_by_label("Since").fill("2010")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#found-name")).to_have_text("2 best passages")
    kept(page, pictures, "5-search")
    page.get_by_label("And", exact=True).fill("topic == ((")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    kept(page, pictures, "6-bad-filter")
    page.get_by_label("And", exact=True).fill("")
    page.get_by_label("Since").fill("")
    page.locator("#source").select_option("tales")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#passages .name").first).to_have_text("The harbour")
    expect(page.get_by_role("alert").first).to_be_hidden()
    page.locator("#source").select_option("")
    page.get_by_text("Filters").click()


@needs_browser
def test_it_says_why_a_passage_was_used_and_why_another_was_not(page, pictures):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill(ASKED)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#passages > li")).to_have_count(20)
    page.locator("#passages .acts button:nth-child(2)").first.click()
    expect(page.locator("#why-verdict")).to_have_text(re.compile("^Used"))
    kept(page, pictures, "7-why-used", full=False)
    closed(page)
    page.locator("#passages .acts button:nth-child(2)").last.click()
    expect(page.locator("#why-verdict")).to_have_text(re.compile("^Not used: lost at "))
    expect(page.locator("#fates li[data-kept=false]")).to_have_count(1)
    kept(page, pictures, "8-why-not", full=False)
    closed(page)


@needs_browser
def test_the_efforts_are_compared_in_a_table(page, pictures):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill(ASKED)
    page.get_by_role("button", name="Compare efforts").click()
    expect(page.get_by_role("status").first).to_have_text("The four efforts are compared.")
    assert page.locator("#efforts th").all_inner_texts() == ["Low", "Normal", "High", "Max"]
    for row in page.locator("#efforts tr").all():
        expect(row).to_contain_text(re.compile(r"\d m?s"))
    expect(page.locator("#efforts tr").nth(1)).to_contain_text("46 metres")
    kept(page, pictures, "9-efforts")


@needs_browser
def test_files_are_added_with_progress_and_can_be_found_at_once(page, pictures):
    from playwright.sync_api import expect

    page.get_by_role("button", name="Add documents").click()
    page.locator("#files").set_input_files(
        [
            {"name": "cranes.md", "mimeType": "text/plain", "buffer": b"# Cranes\n\nThe yellow crane lifts nine tons."},
            {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing"},
        ]
    )
    expect(page.locator("#jobs li").first).to_contain_text("Done: 1 record, 1 passage, 1 could not be read.")
    expect(page.locator("#jobs .skipped")).to_contain_text("broken.pdf")
    kept(page, pictures, "10-added", full=False)
    closed(page)
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["The green crane lifts two tons."], "green.txt", { type: "text/plain" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#jobs > li").first).to_contain_text(re.compile("green.txt.*Done: 1 record"))
    closed(page)
    page.get_by_label("Your question").fill("How much does the yellow crane lift?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#said")).to_contain_text("nine tons")


@needs_browser
def test_markup_in_documents_stays_text_wherever_it_is_shown(page, pictures):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill("Who is the keeper of the lantern of the tower?")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#passages")).to_contain_text("<script>document.title = 'taken'</script>")
    expect(page.locator("#passages")).to_contain_text("<h1>Keeper</h1>")
    page.get_by_role("button", name=re.compile("^Open <h1>Keeper")).click()
    expect(page.locator("#record mark")).to_contain_text("<b>Ada</b>")
    closed(page)
    page.get_by_role("button", name=re.compile("^Why Lantern <img")).click()
    expect(page.locator("#why-name")).to_contain_text("<img src=x")
    closed(page)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("status").first).to_have_text(re.compile("^Answered"))
    expect(page.locator("#answer")).to_contain_text("<script>")
    assert page.locator("main img, main script, dialog img, dialog script, main h1").count() == 0
    refused = page.evaluate("() => { try { document.body.innerHTML = '<p>'; return false } catch { return true } }")
    assert refused
    kept(page, pictures, "11-markup")


@needs_browser
def test_the_routes_are_described_with_examples_by_a_page_of_ours(browser, shelf, pictures):
    with opened(browser, House(shelf)) as page:
        home = page.url
        page.goto(f"{home}docs")
        page.wait_for_selector(".route")
        paths = page.locator(".route summary code").all_text_contents()
        assert {"/search", "/indexes/{name}/ask", "/v1/chat/completions"} <= set(paths)
        route = page.locator(".route", has_text="/indexes/{name}/search").first
        route.locator("summary").click()
        assert '"passages"' in route.locator("pre").last.inner_text()
        assert route.locator("tbody").last.inner_text().splitlines()[-1].startswith("text\tboolean")
        kept(page, pictures, "17-docs", full=False)
        page.goto(home)


@needs_browser
def test_it_is_dark_where_that_is_liked_and_fits_a_narrow_screen(page, pictures):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill(ASKED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text(re.compile("^Answered"))
    light = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != light
    kept(page, pictures, "12-dark")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    kept(page, pictures, "13-dark-narrow")
    page.locator("#said button.cite").first.click()
    expect(page.locator("#record mark")).to_be_visible()
    kept(page, pictures, "14-dark-narrow-record", full=False)
    closed(page)
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Compare efforts").click()
    expect(page.get_by_role("status").first).to_have_text("The four efforts are compared.")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    kept(page, pictures, "15-narrow-efforts")
    page.set_viewport_size({"width": 1200, "height": 900})


@needs_browser
def test_it_can_be_used_without_a_mouse_and_names_everything(page):
    from playwright.sync_api import expect

    page.get_by_label("Your question").fill(ASKED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text(re.compile("^Answered"))
    page.get_by_label("Your question").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.className") == "cite":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_be_visible()
    closed(page)
    assert page.evaluate("() => document.activeElement.className") == "cite"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea")].filter(
            (one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"""
    )
    assert nameless == []


@needs_browser
def test_a_key_is_asked_for_and_kept_in_the_tab_alone(browser, shelf, pictures, tmp_path):
    from playwright.sync_api import expect

    keys, tokens = keyed(tmp_path)
    with opened(browser, House(shelf, keys=keys), color_scheme="dark") as page:
        expect(page.get_by_role("heading", name="This server asks for a key")).to_be_visible()
        kept(page, pictures, "16-key", full=False)
        page.locator("#key-value").fill("nonsense")
        page.keyboard.press("Enter")
        expect(page.locator("#key-wrong")).to_contain_text("not a key of this server")
        page.locator("#key-value").fill(tokens["admin"])
        page.keyboard.press("Enter")
        expect(page.locator("#index option")).to_have_text(re.compile("^island"))
        page.get_by_label("Your question").fill(ASKED)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("#said")).to_contain_text("46 metres")
        assert page.evaluate("() => [localStorage.length, document.cookie, sessionStorage.length]") == [0, "", 1]
        assert tokens["admin"] not in page.url + page.content()
