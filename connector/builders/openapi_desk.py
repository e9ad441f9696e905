"""The calls of an operator about entries, flags, defaults and accounts, one row each."""

from __future__ import annotations

from connector.builders.openapi_route import Route
from schemas import people

ENTRIES = (
    Route("GET /v1/lists/{list}/entries", "list_entries", "Who is on it, the newest word first", "read or lists:read",
          answers="EntryPage", query=("q", "channel", "state", "kind", "expires_before", "limit", "cursor")),
    Route("POST /v1/lists/{list}/entries", "add_entry", "Opt somebody out by hand", "write",
          people.EntryResource(), "EntryChanges", statuses=(200, 202), followed=True,
          example={"number": "+14155550123", "channel": "sms", "reason": "rang us"}),
    Route("POST /v1/lists/{list}/entries/remove", "remove_entries", "Take many off it at once", "write",
          people.EntryRemoval(), "EntryChanges",
          example={"entries": [{"number": "+14155550123", "channel": "sms"}]}),
)  # fmt: skip

FLAGS = (
    Route("PUT /v1/profiles/channels", "set_channel_flag", "Turn the flag of a channel by hand", "write",
          people.ChannelFlag(), "Profile", statuses=(200, 202), followed=True,
          example={"number": "+14155550123", "channel": "sms", "state": "out"}),
    Route("PUT /v1/profiles/lists", "change_memberships", "Add to some lists and remove from others, all or nothing",
          "write", people.Memberships(), "Profile", statuses=(200, 202), followed=True,
          example={"number": "+14155550123", "channel": "all", "add": ["default"], "remove": []}),
    Route("GET /v1/defaults", "get_defaults", "What holds for who never spoke", "read", answers="Defaults"),
    Route("PUT /v1/defaults", "change_defaults", "Change it; what is not named stays", "write",
          people.DefaultStates(), "Defaults", statuses=(200, 202), followed=True, example={"email": "out"}),
)  # fmt: skip

ACCOUNTS = (
    Route("GET /v1/accounts", "list_accounts", "The parts of the organisation", "admin", answers="AccountPage"),
    Route("POST /v1/accounts", "create_account", "Make one", "admin", people.AccountResource(), "Account", (201,),
          also=(409,), example={"name": "Shop", "region": "GB"}),
    Route("GET /v1/accounts/{account}", "get_account", "One account", "admin", answers="Account"),
    Route("PATCH /v1/accounts/{account}", "change_account", "Change it, or move it to lists of its own and back",
          "admin", people.AccountResource(partial=True), "Account", statuses=(200, 202), also=(409,), followed=True,
          example={"own_lists": True}),
    Route("DELETE /v1/accounts/{account}", "delete_account", "Delete one that nothing needs", "admin",
          answers="Deleted", also=(409,)),
)  # fmt: skip
