"""A recorder for the whole folder, and a certificate authority that our side trusts."""

import ssl

import pytest
import trustme

from connector.demo.launch import running
from connector.providers import transport


@pytest.fixture(scope="session")
def shared_recorder(tmp_path_factory):
    with running(tmp_path_factory.mktemp("recorder") / "handoffs.jsonl") as recorder:
        yield recorder


@pytest.fixture
def recorder(shared_recorder):
    """The recorder without any rules; tests tell their hand-offs apart by send_id or by looking at the last."""
    shared_recorder.behave({"*": None})
    return shared_recorder


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, monkeypatch, tmp_path):
    """Our side trusts the test's authority, the way an operator would make it."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    _forget_trust()
    yield
    _forget_trust()


@pytest.fixture
def server_context(authority):
    """TLS of a server that may call itself provider.example or 127.0.0.1, and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("provider.example", "127.0.0.1").configure_cert(context)
    return context


def _forget_trust():
    transport.trusted_context.cache_clear()
    transport.adapter.cache_clear()
