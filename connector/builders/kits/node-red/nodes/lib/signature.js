'use strict';
// Standard Webhooks 1.0, symmetric: was this delivery signed with our secret, and not long ago?

const crypto = require('node:crypto');

const TOLERANCE_S = 300;

/** `headers` in lower case, `body` as the bytes that came. */
function isSigned(secret, headers, body, now = Date.now()) {
    const id = headers['webhook-id'];
    const stamp = headers['webhook-timestamp'];
    if (!id || id.includes('.') || !/^\d{1,12}$/.test(stamp || '')) return false;
    if (Math.abs(Number(stamp) - now / 1000) > TOLERANCE_S) return false;
    const ours = crypto
        .createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
        .update(`${id}.${stamp}.`)
        .update(body)
        .digest();
    return String(headers['webhook-signature'] || '')
        .split(' ')
        .slice(0, 16)
        .filter((one) => one.startsWith('v1,'))
        .map((one) => Buffer.from(one.slice(3), 'base64'))
        .some((theirs) => theirs.length === ours.length && crypto.timingSafeEqual(theirs, ours));
}

/**
 * A node's own secret, the same after a restart, so that deliveries which waited meanwhile still verify.
 * It follows from the service's key and is kept nowhere.
 */
function secretOf(key, node) {
    return 'whsec_' + crypto.createHmac('sha256', String(key)).update(`heed-trigger:${node}`).digest('base64');
}

module.exports = { isSigned, secretOf };
