'use strict';
// Calls of the Heed service, for nodes. A refusal is a NodeApiError that says what Heed said.

const { NodeApiError } = require('n8n-workflow');

/** Calls the service as `context`'s credential says. Answers { status, body }; throws a NodeApiError. */
async function call(context, method, path, { body, key, itemIndex } = {}) {
    const { server } = await context.getCredentials('heedApi', itemIndex);
    const answer = await context.helpers.httpRequestWithAuthentication.call(context, 'heedApi', {
        method,
        url: String(server).replace(/\/+$/, '') + path,
        headers: key ? { Accept: 'application/json', 'Idempotency-Key': key } : { Accept: 'application/json' },
        body,
        json: true,
        returnFullResponse: true,
        ignoreHttpStatusErrors: true,
        disableFollowRedirect: true,
    });
    const said = parsed(answer.body);
    if (answer.statusCode < 300 && said) return { status: answer.statusCode, body: said };
    throw refusal(context, answer.statusCode, said, itemIndex);
}

/** What the user reads: the problem's title, and below it every field that is at fault. */
function refusal(context, status, problem, itemIndex) {
    const said = problem && problem.title ? problem : { title: 'This is no answer of Heed', errors: [] };
    const faults = (said.errors || []).map((one) => `${one.pointer.replace(/^\//, '') || 'input'}: ${one.detail}`);
    const error = new NodeApiError(context.getNode(), { ...said, httpCode: String(status) }, {
        message: said.title,
        description: faults.join('\n') || said.detail || 'Something else answers at that address.',
        httpCode: String(status),
        itemIndex,
    });
    error.context.problem = { ...said, status };
    return error;
}

function parsed(body) {
    if (body && typeof body === 'object' && !Buffer.isBuffer(body)) return body;
    try {
        return JSON.parse(String(body));
    } catch {
        return undefined;
    }
}

/** A dropdown's items from `GET /v1/options/SOURCE`, all pages of it up to a thousand. */
async function options(context, source) {
    const found = [];
    let cursor = '';
    do {
        const query = `?cursor=${encodeURIComponent(cursor)}`;
        const { body } = await call(context, 'GET', `/v1/options/${encodeURIComponent(source)}${query}`);
        found.push(...body.options.map(({ label, value }) => ({ name: label, value })));
        cursor = body.next_cursor;
    } while (cursor && found.length < 1000);
    return found;
}

module.exports = { call, options };
