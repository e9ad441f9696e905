"""The hot look-up's own connections: opened when needed, and opened once more where one broke."""

import pytest

from connector.domain.errors import Unavailable
from connector.store import lookup
from tests.heed import Heed

ADA = {"number": "+14155550123"}


def test_a_look_up_whose_connection_broke_is_made_on_another(heed: Heed) -> None:
    heed.act("add_to_opt_out", **ADA)
    assert not heed.act("check_consent", **ADA, channel="sms")["allowed"]
    free = heed.house.sender._claims._lookup._free
    assert len(free) == 1
    free[0].connection.close()

    assert not heed.act("check_consent", **ADA, channel="sms")["allowed"]
    assert len(free) == 1


def test_where_none_can_be_had_nothing_is_allowed(heed: Heed, monkeypatch: pytest.MonkeyPatch) -> None:
    heed.act("check_consent", **ADA, channel="sms")
    here = heed.house.sender._claims._lookup
    here._free[0].connection.close()
    broken = lookup._open(here._database)
    broken.connection.close()
    monkeypatch.setattr(lookup, "_open", lambda _database: broken)

    with pytest.raises(Unavailable):
        here.known(1, [b"k" * 16])
    assert heed.call("POST", "/v1/actions/check_consent", {**ADA, "channel": "sms"}).status_code == 503
