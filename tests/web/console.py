"""The console as a browser without scripts sees it: pages, their forms, cookies."""

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from tests.heed import Heed

PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Console:
    """One browser, signed in or not."""

    def __init__(self, heed: Heed) -> None:
        self.heed = heed
        self.client = heed.app.test_client()

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        """The text of a page, after redirects."""
        answer = self.client.get(
            path, follow_redirects=True, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def token(self, path: str = "/password") -> str:
        """The token on the forms of a page."""
        found = _TOKEN.search(self.client.get(path).text)
        assert found, path
        return unescape(found[1])

    def post(self, path: str, *, token: str | None = None, headers: Any = None, **fields: Any) -> TestResponse:
        """A form sent; fields with dots are written with two underscores."""
        data = {name.replace("__", "."): value for name, value in fields.items()}
        data["csrf"] = self.token() if token is None else token
        return self.client.post(path, data=data, headers=headers)

    def done(self, path: str, **fields: Any) -> str:
        """A form sent that is expected to do its work: the page that it leads to."""
        answer = self.post(path, **fields)
        assert answer.status_code == 303, (answer.status_code, answer.text[:3000])
        return self.get(answer.headers["Location"])

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/login", token=self.token("/login"), name=name, password=password, **fields)

    def sign_in_with_key(self, key: str) -> TestResponse:
        return self.post("/login", token=self.token("/login?key=1"), key=key)


def user(heed: Heed, role: str = "admin", name: str = "Anna", **values: Any) -> dict[str, Any]:
    """A user who knows PASSWORD."""
    return heed.post("/v1/users", {"name": name, "role": role, "password": PASSWORD, **values})


def signed_in(heed: Heed, role: str = "admin", name: str | None = None) -> Console:
    """A browser in which a user of this role is signed in."""
    name = name or f"Anna the {role}"
    user(heed, role, name)
    console = Console(heed)
    assert console.sign_in(name).status_code == 303
    return console
