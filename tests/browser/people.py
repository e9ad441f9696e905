"""Somebody at the console: signs in, and counts what they click."""

from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct horse battery"


def sign_in(page: Page, name: str) -> None:
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


class Clicks:
    """Every click of a journey."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def on(self, target: Locator) -> None:
        target.click()
        self.count += 1
