"""The pages in a real browser, served by the program as its wheel installs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.service import ROOT, Service

DESKTOP, PHONE = (1280, 900), (390, 844)
SCHIPHOL = (4.7639, 52.31)
PICTURES = Path(os.environ.get("ZONES_PICTURES", ROOT / "test-results"))
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : real.call(this, kind, ...more);
};
"""
"""A browser that draws no map, as there are some: all else works, and what needs no map is tried far sooner."""

Open = Callable[..., Page]


@dataclass(frozen=True)
class View:
    """A language and a size in which a page is looked at; `of` are the page's words in that language."""

    language: str
    size: tuple[int, int]

    @property
    def name(self) -> str:
        """What tells its pictures apart."""
        return f"{self.language[:2]}-{'phone' if self.size == PHONE else 'desktop'}"

    @property
    def of(self) -> Any:
        """The words of the public and the police's page, by the names that the pages give them."""
        return _said(self.language[:2], "src/words/{}.ts")

    @property
    def of_authority(self) -> Any:
        """The words of the authority's page."""
        return _said(self.language[:2], "src/authority/words.{}.ts")


VIEWS = [View(language, size) for language in ("en-GB", "nl-NL") for size in (DESKTOP, PHONE)]


def journey(language: str, size: tuple[int, int]) -> Any:
    """Try a journey in one language and size; in all four where ZONES_PAGES_MATRIX is set (`make matrix`)."""
    views = VIEWS if os.environ.get("ZONES_PAGES_MATRIX") else [View(language, size)]
    return pytest.mark.parametrize("view", views, ids=lambda view: view.name)


@cache
def _said(language: str, *files: str) -> Any:
    """Return the pages' own words, so that a journey is written once for both languages."""
    script = Path(__file__).with_name("words.mjs")
    named = [str(ROOT / "web" / file.format(language)) for file in files]
    printed = subprocess.run(
        [Path(sys.executable).with_name("node"), script, language, *named],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(printed.stdout, object_hook=lambda members: SimpleNamespace(**members))


# A machine with two processors draws maps in software beside other tests: what takes long is not wrong.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def wheel() -> Iterator[Path]:
    """The wheel, unpacked: the package with its pages, geodata and migrations, and nothing of the checkout."""
    folder = Path(tempfile.mkdtemp(prefix="zones-wheel-", dir="/tmp"))
    folder.chmod(0o755)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = (folder / "dist").glob("*.whl")
    shutil.unpack_archive(built, folder / "program", "zip")
    yield folder / "program"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def demonstration_service(wheel: Path) -> Iterator[Service]:
    """What `make run` starts: the demonstration on a private PostGIS, from the wheel."""
    folder = Path(tempfile.mkdtemp(prefix="zones-pages-", dir="/tmp"))
    folder.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZONES_", "PG"))}
    environment = kept | {
        "ZONES_DATA_FOLDER": str(folder / "data"),
        "ZONES_PORT": "0",
        "PYTHONPATH": str(wheel),
    }
    service = Service(environment, folder / "log.txt", "--demo", folder=wheel)
    yield service
    service.process.terminate()
    service.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, drawing in software."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "the pages are tested in Chromium: run `make browser`"
    arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, demonstration_service: Service) -> Iterator[Open]:
    """Open an address of the service; what a page logs as an error, and every request elsewhere, fails the test."""
    with opening(browser, demonstration_service.address) as opened:
        yield opened


@contextmanager
def opening(browser: Browser, address: str, *also: str) -> Iterator[Open]:
    """Open pages of a service at an address, which may load from `also` besides."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(
        path: str,
        language: str = "en-GB",
        size: tuple[int, int] = DESKTOP,
        position: tuple[float, float] | None = SCHIPHOL,
        accuracy_m: float = 8,
        maps: bool = True,
        **options: Any,
    ) -> Page:
        if position is not None:
            options["geolocation"] = {
                "longitude": position[0],
                "latitude": position[1],
                "accuracy": accuracy_m,
            }
            options["permissions"] = ["geolocation"]
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            timezone_id="Europe/Amsterdam",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        if not maps:
            context.add_init_script(NO_WEBGL)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"{path}: {error}"))
        page.on("request", lambda request: _elsewhere(request.url, (address, *also), wrong))
        page.on(
            "console",
            lambda said: wrong.append(f"{path}: {said.text}") if "Content Security" in said.text else None,
        )
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


def _elsewhere(url: str, addresses: tuple[str, ...], wrong: list[str]) -> None:
    if not url.startswith((*addresses, "data:", "blob:")):
        wrong.append(f"a request to {url}")


@contextmanager
def offline(page: Page) -> Iterator[None]:
    """Take the network away for a while."""
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def picture(page: Page, name: str) -> None:
    """Keep a picture of what is shown, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def until_drawn(page: Page) -> None:
    """Wait until the map has drawn what it loads."""
    page.locator("[data-map='drawn']").wait_for(state="attached")


def inaccessible(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2, levels A and AA."""
    page.evaluate(AXE.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", tags)
    return [
        f"{each['id']}: {each['help']} at " + "; ".join(str(node["target"]) for node in each["nodes"])
        for each in found["violations"]
    ]


def words(page: Page, selector: str = "#answer") -> str:
    """Return what stands there, on one line."""
    return re.sub(r"\s+", " ", page.locator(selector).inner_text()).strip()
