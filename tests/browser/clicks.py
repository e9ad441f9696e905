"""Every click of a journey, counted."""

from playwright.sync_api import Locator


class Clicks:
    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        target.click()
        self.count += 1
