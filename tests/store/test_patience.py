"""Who stands still with a lock in its hands keeps nobody waiting for ever, and loses the lock."""

import time

import pytest
from sqlalchemy import make_url

from connector.domain.errors import Unavailable
from connector.store import database, fence
from tests.engine.scenes import eventually
from tests.heed import Heed
from tests.servers import Databases

ADA = {"number": "+14155550123"}
SOON = "SET lock_timeout = '300ms'; SET idle_in_transaction_session_timeout = '1s'"


@pytest.mark.parametrize("heed", ["postgresql"], indirect=True)
def test_an_opt_out_behind_a_process_that_was_stopped_is_refused_in_time_and_passes_later(
    heed: Heed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOSE_PATIENCE", SOON)
    heed.house.close()
    heed.begin()

    refused = []

    def stand_still() -> None:
        with heed.house.database.write() as stopped:
            fence.share_buckets(stopped, range(fence.BUCKETS))
            refused.append(heed.call("POST", "/v1/actions/add_to_opt_out", ADA))
            eventually(lambda: heed.call("POST", "/v1/actions/add_to_opt_out", ADA).status_code == 200)

    with pytest.raises(Unavailable):  # it comes back to a transaction that is over
        stand_still()

    assert (refused[0].status_code, refused[0].json["type"]) == (503, "urn:heed:problem:unavailable")
    assert not heed.act("check_consent", **ADA, channel="sms")["allowed"]


@pytest.mark.parametrize("heed", ["postgresql"], indirect=True)
def test_who_reads_a_stream_slowly_is_not_cut_off(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOSE_PATIENCE", SOON)
    heed.house.close()
    heed.begin()

    with heed.house.database.snapshot() as connection:
        time.sleep(1.5)  # longer than anybody else's transaction may stand still
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_database_that_may_lose_commits_is_refused_unless_somebody_insists(postgres_server: Databases) -> None:
    url = postgres_server.fresh_database()
    with postgres_server.connect() as admin:
        admin.execute(f'ALTER DATABASE "{make_url(url).database}" SET synchronous_commit = off')
    opened = database.Database(url)

    with pytest.raises(database.UnsafeDatabase, match="synchronous_commit is off"):
        opened.check_safe()
    opened.check_safe(allow_unsafe=True)
    opened.dispose()
