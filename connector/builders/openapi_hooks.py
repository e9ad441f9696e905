"""The calls about webhooks, one row each."""

from __future__ import annotations

from connector.builders.openapi_route import Route
from schemas import resources

_PAGE = ("limit", "cursor")

HOOKS = (
    Route("GET /v1/webhooks", "list_webhooks", "Every subscription", "read", answers="WebhookPage", query=_PAGE),
    Route("POST /v1/webhooks", "create_webhook", "Subscribe; the secret is shown here only", "write",
          resources.WebhookResource(), "Webhook", (201,), keyed=False,
          example={"url": "https://flows.example/heed", "events": ["contact.opted_out"]}),
    Route("GET /v1/webhooks/samples/{event}", "get_webhook_sample", "What an event looks like", "",
          answers={"type": "object"}),
    Route("GET /v1/webhooks/{webhook}", "get_webhook", "One subscription", "read", answers="Webhook"),
    Route("PATCH /v1/webhooks/{webhook}", "change_webhook", "Change it; one that was off is tried again", "write",
          resources.WebhookResource(partial=True), "Webhook", example={"format": "flat"}),
    Route("DELETE /v1/webhooks/{webhook}", "delete_webhook", "Unsubscribe", "write", answers="Deleted"),
    Route("GET /v1/webhooks/{webhook}/deliveries", "list_deliveries", "What was sent there (or, by a list's id, by it)",
          "read", answers="HookDeliveryPage", query=_PAGE),
    Route("POST /v1/webhooks/{webhook}/deliveries/{delivery}/replay", "replay_delivery", "Deliver once more", "write",
          answers="HookDelivery"),
)  # fmt: skip
