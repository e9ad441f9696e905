"""One-click unsubscribing (RFC 8058) as a mail provider does it: a bare socket, and nothing but the request."""

import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.journeys.up import Up
from tests.links import of_person

URLENCODED = (b"application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click")
MULTIPART = (
    b"multipart/form-data; boundary=xyz",
    b'--xyz\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xyz--\r\n',
)
FORMS = pytest.mark.parametrize(("content_type", "body"), [URLENCODED, MULTIPART], ids=["urlencoded", "multipart"])


def said(up: Up, email: str) -> list[tuple[str, str]]:
    events = up.client.post("/v1/actions/get_consent_history", {"email": email})["events"]
    return [(one["state"], one["source"]) for one in events]


def over_socket(url: str, content_type: bytes, body: bytes) -> bytes:
    """The whole answer to the barest request there is."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=30) as line:
        line.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            % (place.path.encode(), content_type, len(body), body)
        )
        return b"".join(iter(lambda: line.recv(65536), b""))


@FORMS
def test_d05_f03_one_click_works_over_a_bare_socket(up_alone: Up, content_type: bytes, body: bytes) -> None:
    email = f"ada-{len(body)}@example.com"
    url, _ = of_person(up_alone.client, email=email)

    answer = over_socket(url, content_type, body)

    head, _, _ = answer.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    assert b"set-cookie" not in head.lower()
    assert b"location:" not in head.lower()
    assert said(up_alone, email) == [("out", "one_click")]


def test_d05_f03_one_click_is_never_too_often(up_alone: Up) -> None:
    links = [of_person(up_alone.client, email=f"bo-{n}@example.com")[0] for n in range(5)]
    line = HTTPConnection(urlsplit(up_alone.url).netloc, timeout=30)
    statuses = []
    for turn in range(300):
        content_type, body = (URLENCODED, MULTIPART)[turn % 2]
        line.request("POST", urlsplit(links[turn % 5]).path, body, {"Content-Type": content_type.decode()})
        answer = line.getresponse()
        answer.read()
        statuses.append(answer.status)
    line.close()

    assert set(statuses) == {200}
    assert all(said(up_alone, f"bo-{n}@example.com")[-1] == ("out", "one_click") for n in range(5))
