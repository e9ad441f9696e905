'use strict';
// A trigger's webhook at Heed. Its URL is the trigger's own, so one that was left by a crash is found again.

/** The id of the webhook with this URL, if there is one. */
async function find(service, url) {
    let cursor = '';
    do {
        const page = (await service.call(`/v1/webhooks?limit=1000&cursor=${encodeURIComponent(cursor)}`)).body;
        const found = page.items.find((one) => one.url === url);
        if (found) return found.id;
        cursor = page.next_cursor;
    } while (cursor);
    return undefined;
}

/** The id of a webhook as wished for; one that stands at its URL already is changed, so nothing that waits is lost. */
async function subscribe(service, wish) {
    const there = await find(service, wish.url);
    const [path, method] = there ? [`/v1/webhooks/${there}`, 'PATCH'] : ['/v1/webhooks', 'POST'];
    return (await service.call(path, { method, body: wish })).body.id;
}

module.exports = { find, subscribe };
