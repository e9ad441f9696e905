"""Node-RED's editor in a real browser."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from tests.builders_live.node_red import NodeRed

_CHROMIUM = Path(os.environ.get("HEED_CHROMIUM") or "/usr/bin/chromium")
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def editing(red: NodeRed) -> Iterator[Page]:
    """The editor, once it has drawn its flows."""
    if not _CHROMIUM.exists():
        pytest.skip(f"no browser at {_CHROMIUM}; HEED_CHROMIUM names another")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(_CHROMIUM), args=list(_QUIET))
        page = browser.new_page(viewport={"width": 1360, "height": 850})
        page.set_default_timeout(60_000)
        page.goto(red.url)
        page.locator(".red-ui-flow-node").first.wait_for()
        yield page
        browser.close()


def open_node(page: Page, id: str) -> None:
    """As a double click does; the dialog has come when this returns."""
    page.locator(f"[id='{id}']").dblclick()
    page.locator("#node-dialog-ok").wait_for()


def field(page: Page, name: str) -> Locator:
    """The row of a field in the dialog of an action."""
    return page.locator(".form-row").filter(has=page.locator(f"[data-field='{name}']"))


def done(page: Page) -> None:
    page.locator("#node-dialog-ok").click()
    page.locator("#node-dialog-ok").wait_for(state="detached")


def deploy(page: Page) -> None:
    page.locator("#red-ui-header-button-deploy").click()
    page.locator("#red-ui-header-button-deploy.disabled").wait_for()
