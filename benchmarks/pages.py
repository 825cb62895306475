"""What the pages cost to open and to use: bytes, seconds and taps, and what moving over many zones takes.

    python benchmarks/pages.py [ROUNDS] [ZONES]

In Chromium, on a phone's screen and for the map's movements on a desktop's, drawing in software, with the service on the same machine: medians of ROUNDS. The second
part moves a map over ZONES made-up zones by the service's tiles; beside it stands what fetching and reading all of them
as one GeoJSON document takes, which is how a page without tiles would begin.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tiles import document

from tests.service import Service, run

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SCHIPHOL = {"longitude": 4.7639, "latitude": 52.31, "accuracy": 8}
PLAN = (
    b"QGC WPL 110\r\n"
    b"0\t1\t0\t16\t0\t0\t0\t0\t52.770\t6.450\t12\t1\r\n"
    b"1\t0\t3\t22\t0\t0\t0\t0\t52.770\t6.450\t40\t1\r\n"
    b"2\t0\t3\t16\t0\t0\t0\t0\t52.800\t6.500\t60\t1\r\n"
)
LONG_TASKS = """
globalThis.long = [];
new PerformanceObserver((seen) => long.push(...seen.getEntries().map((each) => each.duration))).observe({type: "longtask"});
"""
WHOLE = """
async () => {
  const before = performance.now();
  const text = await (await fetch("/v1/publications/geojson")).text();
  JSON.parse(text);
  return [performance.now() - before, text.length / 1000];
}
"""


def _page(browser: Browser, address: str, path: str, size: dict[str, int]) -> tuple[Page, list[Request]]:
    """Open a page as somebody who was never here, and return it with all that it and its workers load."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        geolocation=SCHIPHOL,
        permissions=["geolocation"],
        locale="en-GB",
        service_workers="block",
    )
    context.set_default_timeout(120_000)
    context.add_init_script(LONG_TASKS)
    page = context.new_page()
    loaded: list[Request] = []

    def keep(request: Request) -> None:
        loaded.append(request)

    page.on("requestfinished", keep)
    page.goto(address + path, wait_until="commit")
    return page, loaded


def _kb(loaded: list[Request]) -> float:
    return sum(each.sizes()["responseBodySize"] for each in loaded) / 1000


def _first_view(browser: Browser, address: str, path: str, usable: str) -> tuple[float, float]:
    """Return the seconds until a page can be used, and the kilobytes that it loaded until it rests."""
    before = time.perf_counter()
    page, loaded = _page(browser, address, path, PHONE)
    page.locator(usable).first.wait_for(state="attached")
    took = time.perf_counter() - before
    page.wait_for_load_state("networkidle")
    kb = _kb(loaded)
    page.context.close()
    return took, kb


def _b1(page: Page) -> int:
    page.get_by_role("button", name="My position").click()
    page.locator("#answer .word").wait_for()
    return 1


def _b2(page: Page) -> int:
    page.get_by_role("button", name="Check a flight").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "survey.waypoints", "mimeType": "text/plain", "buffer": PLAN}
    )
    page.get_by_role("button", name="That is my flight").click()
    page.locator("#answer .word").wait_for()
    return 3


def _c1(page: Page) -> int:
    page.get_by_role("button", name="Here, now").click()
    page.locator("#answer .word").wait_for()
    return 1


def _journey(browser: Browser, address: str, path: str, steps: Callable[[Page], int]) -> tuple[float, int]:
    """Return the seconds from opening a page to its answer, and the taps."""
    before = time.perf_counter()
    page, _ = _page(browser, address, path, PHONE)
    taps = steps(page)
    took = time.perf_counter() - before
    page.context.close()
    return took, taps


def _moving(page: Page) -> float:
    """Drag the map about, and return the longest task in milliseconds."""
    page.evaluate("long.length = 0")
    box = page.locator("canvas").first.bounding_box()
    assert box, "the map has no size"
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-300, 0), (0, -250), (300, 0), (0, 250), (-300, -250), (300, 250)):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx, y + dy, steps=8)
        page.mouse.up()
        page.wait_for_timeout(1000)
    page.wait_for_timeout(3000)
    return float(max(page.evaluate("long"), default=0.0))


@contextmanager
def _serving(*arguments: str, zones: int = 0) -> Iterator[str]:
    """Start the program on a private PostGIS, with the demonstration or with made-up zones, and yield its address."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZONES_", "PG"))}
    environment = kept | {"ZONES_DATA_FOLDER": str(folder / "data"), "ZONES_PORT": "0"}
    service = Service(environment, folder / "log.txt", *arguments)
    try:
        if zones:
            (folder / "zones.json").write_bytes(document(zones))
            done = run(environment, "import", str(folder / "zones.json"), "--data-set", "measured")
            assert done.returncode == 0, done.stderr
            time.sleep(5)
        yield service.address
    finally:
        service.process.terminate()
        service.close()
        shutil.rmtree(folder, ignore_errors=True)


def _opening(browser: Browser, rounds: int) -> None:
    with _serving("--demo") as address:
        print(f"medians of {rounds}, nothing stored in the browser before")
        for path, usable in (
            ("/", "[data-map='ready'], [data-map='drawn']"),
            ("/police", "button.big"),
            ("/authority", "h1, button"),
        ):
            seen = [_first_view(browser, address, path, usable) for _ in range(rounds)]
            seconds, kb = (statistics.median(each) for each in zip(*seen, strict=True))
            print(f"  {path:11} usable after {seconds:5.2f} s, loads {kb:6.0f} kB in all")
        for name, path, steps in (("B1", "/", _b1), ("B2", "/", _b2), ("C1", "/police", _c1)):
            done = [_journey(browser, address, path, steps) for _ in range(rounds)]
            print(
                f"  {name}          {done[0][1]} taps, {statistics.median(each[0] for each in done):5.2f} s with opening the page"
            )


def _panning(browser: Browser, rounds: int, zones: int) -> None:
    with _serving(zones=zones) as address:
        moved, whole = [], []
        for _ in range(rounds):
            page, loaded = _page(browser, address, "/#lat=52.1&lon=5.1", DESKTOP)
            page.locator("[data-map='drawn']").wait_for(state="attached")
            page.wait_for_load_state("networkidle")
            first = len(loaded)
            task_ms, tiles = _moving(page), [each for each in loaded[first:] if "/tiles/" in each.url]
            slowest_ms = max((each.timing["responseEnd"] for each in tiles), default=0.0)
            moved.append((task_ms, slowest_ms, len(tiles), _kb(tiles)))
            whole.append(page.evaluate(WHOLE))
            page.context.close()
        task, request, count, kb = (statistics.median(one) for one in zip(*moved, strict=True))
        took_ms, all_kb = (statistics.median(one) for one in zip(*whole, strict=True))
        print(f"moving over {zones} zones, medians of {rounds}")
        print(
            f"  tiles             longest task {task:6.0f} ms, longest of {count:.0f} requests {request:6.0f} ms, {kb:7.0f} kB"
        )
        print(f"  all as GeoJSON    one task of   {took_ms:6.0f} ms to fetch and read, {all_kb:31.0f} kB")


def main(rounds: int, zones: int) -> None:
    """Print the tables."""
    chromium = shutil.which("chromium")
    assert chromium, "run `make browser` first"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        _opening(browser, rounds)
        _panning(browser, rounds, zones)
        browser.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["5", "5000"][len(sys.argv) - 1 :])))
