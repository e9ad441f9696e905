"""Promises of the one way out: what a fault says about the message is true, and nothing outlives its deadline."""

import gzip
import os
import subprocess
import sys
import threading

import pytest

from connector.providers import transport
from connector.providers.http import MaybeSent, NotSent, post
from connector.uptime import uptime
from tests.providers.peers import closed_port, deaf_port, drip, peer, read_request, reset

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_an_answer_comes_back_whole():
    with peer(saying(b"HTTP/1.1 201 Created\r\nX-Name: a\r\nContent-Length: 12\r\n\r\n" + b'{"id": "m1"}')) as provider:
        answer = a_post(provider.url + "v1?a=b", headers={"X-Key": "k"}, body=b"hello")

    assert (answer.status, answer.headers["x-name"], answer.body) == (201, "a", b'{"id": "m1"}')
    head, _, body = provider.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1?a=b HTTP/1.1\r\n")
    assert b"X-Key: k" in head
    assert body == b"hello"


def test_a_connection_is_used_again_by_every_thread():
    with peer(keep_answering) as provider:
        a_post(provider.url)
        thread = threading.Thread(target=a_post, args=(provider.url,))
        thread.start()
        thread.join()

    assert (provider.callers, len(provider.heard)) == (1, 2)


def test_a_connection_that_idled_too_long_is_left(monkeypatch):
    monkeypatch.setattr(transport, "_LONGEST_IDLE", 0.0)

    with peer(keep_answering) as provider:
        a_post(provider.url)
        a_post(provider.url)

    assert provider.callers == 2


def test_a_connection_that_the_provider_closed_is_replaced():
    with peer(saying(OK)) as provider:
        a_post(provider.url)
        assert provider.farewells.acquire(timeout=5)
        a_post(provider.url)

    assert provider.callers == 2


def test_a_connection_that_ends_under_the_request_may_have_carried_it_and_is_not_tried_again():
    def answer_once_then_reset(line, provider):
        read_request(line, provider)
        line.sendall(OK)
        read_request(line, provider)
        reset(line)

    with peer(answer_once_then_reset) as provider:
        a_post(provider.url)
        with pytest.raises(MaybeSent):
            a_post(provider.url)

    assert (provider.callers, len(provider.heard)) == (1, 2)


def test_nothing_is_sent_where_nobody_listens():
    with pytest.raises(NotSent, match="refused"):
        a_post(f"http://127.0.0.1:{closed_port()}/")


def test_nothing_is_sent_where_no_connection_comes_about_in_time():
    with deaf_port() as port, within(0.2), pytest.raises(NotSent, match="in time"):
        a_post(f"http://127.0.0.1:{port}/", seconds=0.2)


def test_nothing_is_sent_when_no_time_is_left():
    with peer(keep_answering) as provider, pytest.raises(NotSent):
        a_post(provider.url, seconds=-1)

    assert provider.callers == 0


@pytest.mark.parametrize("name", ["header\r\nX-Smuggled: 1", "header"])
def test_what_does_not_fit_into_a_request_is_not_sent(name):
    with peer(keep_answering) as provider, pytest.raises(NotSent):
        a_post(provider.url, headers={name: "€ \r\nX-Smuggled: 1"})

    assert provider.heard == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",  # closed without a word
        b"\x00\xff 220 smtp.example ESMTP\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X-Filler: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_after_garbage_nobody_knows(answer):
    with peer(saying(answer)) as provider, pytest.raises(MaybeSent):
        a_post(provider.url)

    assert provider.callers == 1


def test_after_a_reset_nobody_knows():
    def read_and_reset(line, provider):
        read_request(line, provider)
        reset(line)

    with peer(read_and_reset) as provider, pytest.raises(MaybeSent):
        a_post(provider.url)

    assert provider.callers == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 1000, id="headers"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, id="interim answers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"y" * 1000, id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 1000, id="body that ends with the connection"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\ny\r\n" * 200, id="chunks"),
    ],
)
def test_a_dripping_answer_does_not_outlive_the_deadline(answer):
    def conduct(line, provider):
        read_request(line, provider)
        drip(line, provider, answer, pause=0.01)

    with peer(conduct) as provider, within(0.2), pytest.raises(MaybeSent, match="in time"):
        a_post(provider.url, seconds=0.2)


def test_a_connection_is_watched_anew_when_it_is_used_again():
    def answer_once_then_drip(line, provider):
        read_request(line, provider)
        line.sendall(OK)
        read_request(line, provider)
        drip(line, provider, OK[:-1])

    with peer(answer_once_then_drip) as provider:
        a_post(provider.url)
        with within(0.2), pytest.raises(MaybeSent, match="in time"):
            a_post(provider.url, seconds=0.2)

    assert provider.callers == 1


@pytest.mark.parametrize("large", [{"body": b"y" * 6_000_000}, {"headers": {"X-Large": "y" * 6_000_000}}])
def test_a_provider_that_does_not_read_does_not_outlive_the_deadline(large):
    with peer(lambda line, provider: provider.over.wait(5)) as provider, within(0.5), pytest.raises(MaybeSent):
        a_post(provider.url, seconds=0.5, **large)


def test_a_silent_provider_does_not_outlive_the_deadline():
    def conduct(line, provider):
        read_request(line, provider)
        provider.over.wait(5)

    with peer(conduct) as provider, within(0.2), pytest.raises(MaybeSent, match="no answer in time"):
        a_post(provider.url, seconds=0.2)


def test_many_deadlines_are_kept_at_once():
    def conduct(line, provider):
        read_request(line, provider)
        drip(line, provider, OK, pause=0.05)

    took = []

    def hand_over(seconds):
        began = uptime()
        with pytest.raises(MaybeSent):
            a_post(provider.url, seconds=seconds)
        took.append(uptime() - began - seconds)

    with peer(conduct) as provider:
        # The later ones first: the watch must wake up earlier than it had planned.
        threads = [threading.Thread(target=hand_over, args=(0.6 - n / 20,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)

    assert len(took) == 8
    assert max(took) < 0.3


def test_a_redirect_is_an_answer_and_not_followed():
    with peer(keep_answering) as elsewhere:
        moved = b"HTTP/1.1 307 T\r\nLocation: " + elsewhere.url.encode() + b"\r\nContent-Length: 0\r\n\r\n"
        with peer(saying(moved)) as provider:
            answer = a_post(provider.url)

    assert answer.status == 307
    assert elsewhere.callers == 0


def test_no_cookie_travels_from_one_sender_to_the_next():
    def conduct(line, provider):
        while True:
            read_request(line, provider)
            line.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: tenant=1; Path=/\r\nContent-Length: 0\r\n\r\n")

    with peer(conduct) as provider:
        a_post(provider.url)
        a_post(provider.url)

    assert not any(b"ookie" in request for request in provider.heard)


def test_the_environment_names_no_proxy_and_no_password(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with peer(keep_answering) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        with peer(keep_answering) as provider:
            a_post(provider.url)

    assert proxy.callers == 0
    assert b"uthorization" not in provider.heard[0]


@pytest.mark.parametrize("coding", [b"", b"Content-Encoding: gzip\r\n"])
def test_an_endless_answer_is_read_to_the_limit_only(coding):
    content = b"y" * 5_000_000
    sent = gzip.compress(content) if coding else content
    head = b"HTTP/1.1 200 OK\r\n" + coding + b"Content-Length: %d\r\n\r\n" % len(sent)

    with peer(saying(head + sent)) as provider:
        answer = a_post(provider.url, max_answer=1000)
        a_post(provider.url, max_answer=1000)

    assert answer.body == b"y" * 1000
    assert provider.callers == 2, "what was left unread must not be taken for the next answer"


@pytest.mark.usefixtures("trusted")
def test_tls_is_verified_by_name_and_works(server_context, monkeypatch):
    with peer(saying(OK), context=server_context) as provider:
        answer = a_post(f"https://127.0.0.1:{provider.port}/")

    assert answer.body == b"ok"


@pytest.mark.usefixtures("trusted")
def test_nothing_is_sent_to_a_server_with_another_name(server_context):
    with peer(saying(OK), context=server_context) as provider, pytest.raises(NotSent, match="TLS"):
        a_post(f"https://localhost:{provider.port}/")

    assert provider.heard == []


def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(server_context):
    with peer(saying(OK), context=server_context) as provider, pytest.raises(NotSent, match="TLS"):
        a_post(f"https://127.0.0.1:{provider.port}/")

    assert provider.heard == []


def test_a_handshake_that_drips_does_not_outlive_the_deadline():
    hello = b"\x16\x03\x03\x40\x00" + b"\x02" * 1000

    with (
        peer(lambda line, provider: drip(line, provider, hello, pause=0.01)) as provider,
        within(0.2),
        pytest.raises(NotSent),
    ):
        a_post(f"https://127.0.0.1:{provider.port}/", seconds=0.2)


@pytest.mark.usefixtures("trusted")
def test_a_dripping_answer_over_tls_does_not_outlive_the_deadline(server_context):
    def conduct(line, provider):
        read_request(line, provider)
        drip(line, provider, OK[:-1])

    with peer(conduct, context=server_context) as provider, within(0.2), pytest.raises(MaybeSent):
        a_post(f"https://127.0.0.1:{provider.port}/", seconds=0.2)


FORKING = """
import os, sys
from connector.providers.http import MaybeSent, post
from connector.uptime import uptime

def call(url=sys.argv[1], seconds=5):
    deadline = uptime() + seconds
    return post("POST", url, headers={}, body=b"", deadline=deadline, allow_private=True).status

assert call() == 200
child = os.fork()
if child == 0:
    try:
        call(sys.argv[2], 0.2)
    except MaybeSent:
        os._exit(0 if call() == 200 else 1)
assert os.waitpid(child, 0)[1] == 0
assert call() == 200
"""


def test_a_forked_child_has_connections_and_deadlines_of_its_own():
    def conduct(line, provider):
        read_request(line, provider)
        drip(line, provider, OK[:-1])

    with peer(keep_answering) as provider, peer(conduct) as dripping:
        command = [sys.executable, "-c", FORKING, provider.url, dripping.url]
        subprocess.run(command, check=True, timeout=5, cwd=os.getcwd())

    assert (provider.callers, len(provider.heard)) == (2, 3)


def a_post(url, seconds=5.0, headers=None, body=b"{}", **options):
    deadline = uptime() + seconds
    return post("POST", url, headers=headers or {}, body=body, deadline=deadline, allow_private=True, **options)


def saying(answer):
    def conduct(line, provider):
        read_request(line, provider)
        line.sendall(answer)

    return conduct


def keep_answering(line, provider):
    while True:
        read_request(line, provider)
        line.sendall(OK)


class within:
    """The block ends when its deadline does, give or take what a busy machine needs."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        self.began = uptime()

    def __exit__(self, *fault):
        assert uptime() - self.began < self.seconds + 0.4
