"""Promises about whom we connect to: nobody in our own network, however the place is spelled."""

import contextlib
import socket

import pytest

from connector.providers.http import NotSent, RefusedTarget, check_target, post
from connector.providers.targets import dial
from connector.uptime import uptime
from tests.providers.peers import deaf_port, peer, read_request

HOSTILE = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",  # forms that only inet_aton knows
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0x7F.1",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "012.0.0.1",
    "100.64.0.1",  # carrier-grade NAT
    "169.254.169.254",  # metadata of clouds
    "0xa9fea9fe",
    "2852039166",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",  # 6to4 relay
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",  # IPv4-compatible
    "[::a9fe:a9fe]",
    "[::ffff:127.0.0.1]",  # mapped
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",  # translated
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",  # NAT64
    "[64:ff9b:1::a00:1]",
    "[100::1]",
    "[2001::1]",  # Teredo
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",  # 6to4
    "[2002:a9fe:a9fe::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "metadata",
    "metadata.google.internal",
    "redis",
    "printer.local",
    "nas.home.arpa",
    "intranet.corp",
    "ⓛocalhost",
    "１２７.0.0.1",
    "127。0。0。1",
]
NOT_A_URL = [
    "",
    "provider.example",
    "//provider.example/",
    "ftp://provider.example/",
    "file:///etc/passwd",
    "gopher://provider.example/",
    "httpx://provider.example/",
    "http://",
    "http:///path",
    "http://:80/",
    "http://provider.example:99999/",
    "http://provider.example:x/",
    "http://user@provider.example/",
    "http://user:pass@provider.example/",
    "http://@provider.example/",
    "http://provider.example@127.0.0.1/",
    "http://127.0.0.1\\@provider.example/",
    "http://provider.example\\@127.0.0.1/",
    "http://provider.example/\r\nHost: x",
    "http://provider.example/a b",
    " http://provider.example/",
    "http://[::1",
    "http://[::1]extra/",
]
PUBLIC = [
    "https://provider.example/v1",
    "http://93.184.216.34:8080/x?y=1",
    "https://[2606:4700::1111]/",
    "https://bücher.example/ä",
]


@pytest.fixture
def sentinel():
    """Counts who gets through to the loopback."""
    with peer(read_request) as listener:
        yield listener


@pytest.mark.parametrize("host", HOSTILE)
def test_a_hostile_host_is_never_connected_to(host, sentinel):
    url = f"http://{host}:{sentinel.port}/"

    with pytest.raises(RefusedTarget):
        check_target(url, allow_private=False)
    with pytest.raises(NotSent):
        a_post(url)

    assert sentinel.callers == 0


@pytest.mark.parametrize("url", NOT_A_URL)
def test_what_is_no_plain_web_address_is_refused_even_where_private_ones_are_allowed(url):
    with pytest.raises(RefusedTarget):
        check_target(url, allow_private=True)


@pytest.mark.parametrize("url", PUBLIC)
def test_public_places_pass(url):
    check_target(url, allow_private=False)


def test_the_loopback_is_allowed_where_the_setting_says_so(sentinel):
    check_target("http://localhost:8080/", allow_private=True)

    dial("127.0.0.1", sentinel.port, deadline=uptime() + 2, allow_private=True).close()


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],  # one bad address spoils the name
        ["2606:4700::1111", "::1"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%lo"],
    ],
)
def test_a_name_that_leads_into_our_network_is_refused(answers, sentinel, monkeypatch):
    asked = resolve_to(monkeypatch, *answers)

    with pytest.raises(RefusedTarget):
        a_post(f"http://rebinding.example:{sentinel.port}/")

    assert asked == ["rebinding.example"]
    assert sentinel.callers == 0


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(monkeypatch):
    """An attacker's name server that answers well first and badly then gains nothing."""
    asked = resolve_to(monkeypatch, "127.0.0.1")

    with peer(answer_ok) as provider:
        answer = a_post(f"http://provider.example:{provider.port}/v1?x=1", allow_private=True)

    assert answer.status == 200
    assert asked == ["provider.example"]
    assert provider.heard[0].startswith(b"POST /v1?x=1 HTTP/1.1\r\nHost: provider.example:%d\r\n" % provider.port)


@pytest.mark.parametrize("silent", [False, True])
def test_a_dead_address_leaves_time_for_the_next(silent, monkeypatch):
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")

    with peer(answer_ok) as provider, deaf_port("127.0.0.2", provider.port) if silent else contextlib.nullcontext():
        answer = a_post(f"http://provider.example:{provider.port}/", seconds=0.6, allow_private=True)

    assert answer.status == 200


def test_a_resolver_that_hangs_does_not_outlive_the_deadline(monkeypatch):
    with peer(read_request) as never:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.over.wait(10) and [])
        began = uptime()

        with pytest.raises(NotSent, match="resolved in time"):
            a_post("http://provider.example/", seconds=0.3)

        assert uptime() - began < 1


@pytest.mark.parametrize("fault", [socket.gaierror(-2, "no"), UnicodeError("label too long")])
def test_a_name_that_does_not_resolve_was_not_sent_to(fault, monkeypatch):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(NotSent, match="can't be resolved"):
        a_post("http://provider.example/")


def a_post(url, seconds=2.0, allow_private=False):
    return post("POST", url, headers={}, body=b"{}", deadline=uptime() + seconds, allow_private=allow_private)


def answer_ok(line, provider):
    read_request(line, provider)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def resolve_to(monkeypatch, *addresses):
    """Every name has these addresses; the names that were asked for come back."""
    asked = []

    def answer(host, port, **_):
        asked.append(host)
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in address], socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked
