"""A real Heed on loopback, and pages of a real browser that forgive nothing.

Every test in this folder bears the marker ``browser``. ``page`` (and each page that ``opened`` gives) fails its test on
a console error, an uncaught error, a breach of the content security policy or an answer of 500 and more, unless the
test takes what it expects out of ``faults``.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from connector.demo.client import Client
from tests.journeys.up import Up

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: No sandbox: in containers the tests are root. The rest keeps the browser from calling anybody but us.
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
#: Tells the console of whatever the page's policy stopped, also where the browser itself stays quiet.
_TELL = "addEventListener('securitypolicyviolation', e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`))"
_PATIENCE_MS = 30_000
_GRAVE = ("serious", "critical")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies here, before pytest leaves out by markers."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Heed as ``heed up`` starts it: service, a worker and a queue server over SQLite."""
    up = Up(tmp_path_factory.mktemp("browser"), None, workers=1)
    try:
        up.start()
        yield up
    finally:
        up.end()


@pytest.fixture
def api(server: Up) -> Client:
    """A client of a new organisation's admin key: what other tests do is not seen in it."""
    made = server.client.post("/v1/organisations", {"name": "The Corner Shop"})
    return Client(server.url, made["admin_key"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium: `make browser` brings it where it may."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("there is no Chromium here: `apt-get install chromium`, or `make browser` as root", pytrace=False)
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield found
        found.close()


@pytest.fixture
def faults() -> list[str]:
    """What went wrong in the pages of this test; a test that expects something takes it out."""
    return []


@pytest.fixture
def opened(browser: Browser, server: Up, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """Makes pages: ``opened(color_scheme="dark", viewport={...}, java_script_enabled=False, ...)``."""
    contexts: list[BrowserContext] = []

    def new_page(**options: Any) -> Page:
        context = browser.new_context(base_url=server.url, **options)
        contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        context.on("console", lambda said: faults.append(f"console: {said.text}") if said.type == "error" else None)
        context.on("weberror", lambda error: faults.append(f"page: {error.error}"))
        context.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
        if options.get("java_script_enabled", True):
            context.add_init_script(_TELL)
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    """A page on a desktop, in light colours."""
    return opened(viewport={"width": 1280, "height": 800})


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Asks axe-core about a page; what is serious or critical fails the test, with the elements named."""
    oracle = Axe()

    def check(page: Page) -> None:
        found = oracle.run(page).response["violations"]
        assert [
            f"{one['id']}: {one['help']}: {', '.join(str(node['target']) for node in one['nodes'])}"
            for one in found
            if one["impact"] in _GRAVE
        ] == []

    return check


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keeps a picture of a whole page in var/screenshots, for people to look at."""
    folder = ROOT / "var" / "screenshots" / request.path.stem.removeprefix("test_")
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=folder / f"{name}.png", full_page=True) and None
