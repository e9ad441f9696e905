"""F01: opt-in forms in the console, shown within it as people see them."""

from tests.heed import Heed
from tests.web.console import signed_in
from tests.web.test_console_workbench import part

FORM = {
    "channel": "sms", "description": "Offers once a week. Stop at any time.", "confirmation_message": "Thanks!",
    "button_text": "Join us", "allowed_origins": "https://shop.example\nhttps://www.shop.example", "sender": "",
}  # fmt: skip


def test_f01_a_form_is_made_changed_embedded_and_deleted(heed: Heed):
    console = signed_in(heed)
    assert "No form yet" in console.get("/forms")

    page = console.done("/forms", **FORM)

    (made,) = heed.get("/v1/forms")["items"]
    assert made["allowed_origins"] == ["https://shop.example", "https://www.shop.example"]
    assert part(page, "embed") == made["embed_code"]
    assert part(page, "form-url") == made["url"]
    assert "Join us" in console.get("/forms")
    path = f"/forms/{made['id']}"
    console.done(path, **FORM | {"button_text": "Count me in"})
    assert heed.get(f"/v1{path}")["button_text"] == "Count me in"
    console.done(f"{path}/delete")
    assert heed.get("/v1/forms")["items"] == []


def test_f01_the_preview_is_the_real_page_framed_by_us_alone(heed: Heed):
    console = signed_in(heed)
    console.done("/forms", **FORM)
    (made,) = heed.get("/v1/forms")["items"]

    page = console.client.get(f"/forms/{made['id']}")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "sandbox title=" in page.text
    for shown in (
        console.client.get(f"/forms/{made['id']}/preview"), console.post("/forms/preview", **FORM),
    ):  # fmt: skip
        assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
        assert "Join us" in shown.text
        assert "Offers once a week" in shown.text
        assert "script" not in shown.text
    of_the_api = heed.call("GET", f"/v1/forms/{made['id']}/preview").text
    assert console.client.get(f"/forms/{made['id']}/preview").text == of_the_api
    faulty = console.post("/forms/preview", **FORM | {"description": "", "allowed_origins": "shop"})
    assert "description" in faulty.text
    assert "must be an origin" in faulty.text


def test_every_fault_of_a_form_stands_at_its_field(heed: Heed):
    console = signed_in(heed)

    wrong = {"allowed_origins": "shop", "double_opt_in": "1", "description": "x" * 2001}
    answer = console.post("/forms", **FORM | wrong)

    assert answer.status_code == 422
    assert "must be an origin" in part(answer.text, "d-allowed_origins")
    assert part(answer.text, "d-description")
    answer = console.post("/forms", **FORM | {"double_opt_in": "1"})
    assert "needs a sender" in part(answer.text, "d-sender")
    assert heed.get("/v1/forms")["items"] == []


def test_a_viewer_sees_forms_and_changes_nothing(heed: Heed):
    made = heed.post("/v1/forms", {**FORM, "allowed_origins": [], "sender": None})
    console = signed_in(heed, "viewer")

    assert "Save" not in console.get(f"/forms/{made['id']}")
    for path in ("/forms", f"/forms/{made['id']}", f"/forms/{made['id']}/delete", "/forms/preview"):
        assert console.post(path, **FORM).status_code == 403
