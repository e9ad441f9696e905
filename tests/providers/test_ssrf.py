"""R13: more than 120 ways to name a place in our own network; a listener there is never called by any of them."""

import pytest

from connector.providers.http import NotSent, RefusedTarget, check_target
from tests.providers.peers import peer, read_request
from tests.providers.test_targets import HOSTILE, NOT_A_URL, a_post, resolve_to

#: Beside those of test_targets: {port} is the listener's.
MORE = [
    "127.0.0.2",
    "127.255.255.254",
    "127.127.127.127",
    "127.0.0.1..",
    "0000177.0.0.01",
    "0x7f000001.",
    "0X7F.0X0.0X0.0X1",
    "0x7f.1",
    "127.0x1",
    "127.65535",
    "0177.1",
    "017700000001.",
    "2130706433.",
    "0.0.0.1",
    "0.255.255.255",
    "0x0",
    "00",
    "0.0",
    "10.255.255.255",
    "0xa000001",
    "167772161",
    "100.127.255.254",
    "169.254.170.2",  # credentials of containers
    "169.254.0.1",
    "169.16689662",
    "0251.0376.0251.0376",
    "0xA9.0xFE.0xA9.0xFE",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:10.0.0.1]",
    "[::ffff:0a00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:0:7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::a00:1]",
    "[2002:c0a8:101::1]",  # 6to4 of 192.168.1.1
    "[2002:a00:1::]",
    "[2001:0:7f00:1::]",  # Teredo
    "[2001:20::1]",
    "[fd12:3456:789a::1]",
    "[fe80::a9fe:a9fe]",
    "[febf::1]",
    "[ff01::1]",
    "[ff05::2]",
    "[::2]",
    "[::%lo]",
    "172.20.10.1",
    "172.16.0.1.",
    "192.168.0.0x1",
    "192.168.257",
    "192.0.0.170",
    "198.19.255.254",
    "233.252.0.1",
    "249.0.0.1",
    "LocalHost.LocalDomain",
    "foo.localhost.",
    "ip6-loopback",
    "host.docker.internal",
    "consul.service.consul.internal",
    "router.lan",
    "db.internal",
    "wpad",
    "①②⑦.⓪.⓪.①",
    "127。1",
    "127．0．0．1",
    "localhost",
]
CORPUS = sorted({*MORE, *HOSTILE})


def test_r13_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 120
    assert len(NOT_A_URL) >= 20


@pytest.mark.parametrize("host", CORPUS)
def test_r13_none_of_them_reaches_the_listener(host: str) -> None:
    with peer(read_request) as sentinel:
        for scheme in ("http", "https"):
            url = f"{scheme}://{host}:{sentinel.port}/x"
            with pytest.raises(RefusedTarget):
                check_target(url, allow_private=False)
            with pytest.raises(NotSent):
                a_post(url, seconds=1.0)

        assert sentinel.callers == 0


# what a name of somebody else's name server turns out to be
REBOUND = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "100.64.9.9", "169.254.169.254", "172.31.0.1", "192.168.0.1",
    "198.18.5.5", "224.0.0.251", "255.255.255.255", "::1", "::", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "fc00::1", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", REBOUND)
@pytest.mark.parametrize("before", [[], ["93.184.216.34"]], ids=["alone", "second"])
def test_r13_a_name_that_leads_there_is_not_followed(
    address: str, before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with peer(read_request) as sentinel:
        asked = resolve_to(monkeypatch, *before, address)

        with pytest.raises(RefusedTarget):
            a_post(f"http://rebinding.example:{sentinel.port}/")

        assert asked == ["rebinding.example"]
        assert sentinel.callers == 0


def test_r13_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(read_request) as sentinel, peer(_ok) as provider:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{sentinel.port}")

        a_post(f"http://127.0.0.1:{provider.port}/", allow_private=True)

        assert (sentinel.callers, provider.callers) == (0, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_r13_a_redirect_is_not_followed(status: int) -> None:
    with peer(read_request) as sentinel:

        def redirect(line, provider) -> None:
            read_request(line, provider)
            place = b"http://127.0.0.1:%d/" % sentinel.port
            line.sendall(b"HTTP/1.1 %d Moved\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, place))

        with peer(redirect) as provider:
            answer = a_post(f"http://127.0.0.1:{provider.port}/", allow_private=True)

        assert answer.status == status
        assert (sentinel.callers, provider.callers) == (0, 1)


def _ok(line, provider) -> None:
    read_request(line, provider)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
