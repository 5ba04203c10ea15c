"""The report in a real browser: it fits every width, changes language by click, is silent on the console and on the network."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contacts.migrations.upgrade import upgrade
from contacts.warehouse import open_warehouse
from privacy.report.write import write
from tests.conftest import make_settings
from tests.integration.report_batch import FACTS, POLICY, seed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDTHS = {"phone": 390, "desktop": 1280}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on disk, opened as a person would: as a file."""
    settings = make_settings(tmp_path_factory.mktemp("report"))
    warehouse = open_warehouse(settings.database_url)
    upgrade(warehouse)
    batch = seed(warehouse, settings, gate="amber", published=False)
    with warehouse.transaction() as db:
        write(db, settings, batch, POLICY, FACTS)
    warehouse.close()
    return settings.home / "reports" / "latest" / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, browser: "Browser", report: Path) -> Iterator["Page"]:
    """The report at one width; fails afterwards if anything was said on the console or asked of the network."""
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 844})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: heard.append(asked.url) if asked.url != report.as_uri() else None)
    page.goto(report.as_uri())
    yield page
    page.close()
    assert heard == []


def shown(page: "Page") -> dict[str, Any]:
    """Which languages are visible, and what sticks out of the window."""
    return page.evaluate(
        """() => ({
            languages: [...document.querySelectorAll('.page')].filter(p => p.offsetHeight).map(p => p.lang),
            width: document.documentElement.scrollWidth - innerWidth,
            sticking: [...document.querySelectorAll('.page *:not(svg *)')]
                .filter(e => e.getBoundingClientRect().width > 1 && e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40)),
        })"""
    )


def test_it_opens_in_portuguese_and_changes_language_by_click(page: "Page") -> None:
    assert shown(page)["languages"] == ["pt-BR"]
    page.click("label[for=show-en]")
    assert shown(page)["languages"] == ["en"]
    page.click("label[for=show-pt]")
    assert shown(page)["languages"] == ["pt-BR"]


def test_the_language_changes_by_keyboard_too(page: "Page") -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert shown(page)["languages"] == ["en"]


@pytest.mark.parametrize("code", ["pt", "en"])
def test_nothing_sticks_out_of_the_window(page: "Page", code: str) -> None:
    page.click(f"label[for=show-{code}]")
    found = shown(page)
    assert found["sticking"] == []
    assert found["width"] <= 0


def test_links_of_the_contents_lead_to_their_section(page: "Page") -> None:
    page.click("a[href='#integrity-pt']")
    assert page.evaluate("document.querySelector('#integrity-pt').getBoundingClientRect().top") < 844


def test_words_stand_out_from_their_background(page: "Page") -> None:
    """WCAG 2.2 AA, 1.4.3: at least 4.5 to 1 for every piece of text."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate(CONTRAST) == [], scheme


def test_print_shows_the_chosen_language_only(page: "Page", tmp_path: Path) -> None:
    page.click("label[for=show-en]")
    page.emulate_media(media="print")
    assert shown(page)["languages"] == ["en"]
    assert not page.is_visible("label[for=show-pt]")
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


CONTRAST = """() => {
    const parts = text => text.match(/[\\d.]+/g).map(Number);
    const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = parts(getComputedStyle(e).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const poor = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.offsetHeight || element.closest('style')) continue;
        const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
        if ((a + .05) / (b + .05) < 4.5) poor.add(element.tagName + '.' + element.className + ' ' + ((a + .05) / (b + .05)).toFixed(2));
    }
    return [...poor];
}"""
