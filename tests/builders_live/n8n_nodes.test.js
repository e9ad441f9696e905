'use strict';
// The nodes with a stub for `this`: what they ask of Heed, and what they make of its answers.

const test = require('node:test');
const assert = require('node:assert/strict');
const { createHmac } = require('node:crypto');
const { Heed } = require('./dist/nodes/Heed/Heed.node.js');
const { HeedTrigger } = require('./dist/nodes/HeedTrigger/HeedTrigger.node.js');
const { HeedApi } = require('./dist/credentials/HeedApi.credentials.js');
const { secretOf } = require('./dist/shared/signature.js');

const SCHEMA = {
    required: ['sender'],
    properties: {
        number: { type: ['string', 'integer'], title: 'Phone number', 'x-order': 2, 'x-visibility': 'important' },
        sender: { type: 'string', title: 'Sender', 'x-order': 1, 'x-options': { source: 'senders' } },
        lists: { type: 'array', title: 'Lists', 'x-order': 3, 'x-options': { source: 'lists' } },
        require_opt_in: { enum: [false, true, 'explicit'], 'x-order': 4, 'x-visibility': 'advanced' },
        evidence: { type: 'object', 'x-order': 5, 'x-visibility': 'advanced' },
        idempotency_key: { type: 'string', 'x-order': 6, 'x-visibility': 'advanced' },
        recipients: false,
    },
};
const ACTION = {
    name: 'send', title: 'Send', description: 'Sends.\n\nMore.', version: 3, input_schema: SCHEMA,
    links: { run: '/v1/actions/send' },
};
const ANSWERS = {
    'GET /v1/actions': { actions: [ACTION], triggers: [{ name: 'contact_opted_out', event: 'contact.opted_out', title: 'Out', description: 'Says no.' }] },
    'GET /v1/actions/send': ACTION,
    'GET /v1/options/senders?cursor=': { options: [{ value: 'sdr_1', label: 'Shop' }], next_cursor: 'b' },
    'GET /v1/options/senders?cursor=b': { options: [{ value: 'sdr_2', label: 'News' }], next_cursor: null },
    'GET /v1/options/lists?cursor=': { options: [{ value: 'default', label: 'Default' }], next_cursor: null },
    'POST /v1/actions/send?version=3': { sent: 1 },
};
const PROBLEM = {
    title: 'The input has faults; nothing was changed.', status: 422, detail: 'number is missing',
    errors: [{ pointer: '/number', code: 'required', detail: 'is missing' }, { pointer: '', code: 'x', detail: 'is odd' }],
};

/** `this` of a node: what it called is in `calls`; `answers` replace those above, as [status, body]. */
function context({ values = {}, items = [{ json: {} }], answers = {}, ...more } = {}) {
    const calls = [];
    const staticData = {};
    const node = { id: 'node-1', name: 'Heed', type: 'heed', parameters: { fields: { value: more.raw || values } } };
    return {
        calls,
        getInputData: () => items,
        getNode: () => node,
        getInstanceId: () => 'instance',
        getWorkflow: () => ({ id: 'workflow' }),
        getExecutionId: () => '7',
        evaluateExpression: () => more.run || 0,
        continueOnFail: () => Boolean(more.goesOn),
        getCredentials: async () => ({ server: 'https://heed.example/', apiKey: 'heed_k_s' }),
        getNodeParameter: (name, at) => {
            if (name === 'events') return ['contact.opted_out'];
            if (name === 'operation') return 'send';
            const value = Array.isArray(values) ? values[at] : values;
            return { mappingMode: more.mode || 'defineBelow', value };
        },
        getNodeWebhookUrl: () => 'https://n8n.example/webhook/1',
        getWorkflowStaticData: () => staticData,
        getHeaderData: () => more.headers,
        getRequestObject: () => ({ rawBody: more.body }),
        getResponseObject: () => ({ status: (code) => ({ json: () => calls.push({ answered: code }) }) }),
        helpers: {
            async httpRequestWithAuthentication(credential, options) {
                assert.equal(credential, 'heedApi');
                const path = options.url.replace('https://heed.example', '');
                assert.ok(path.startsWith('/v1/'), 'the slash at the end of the address is no part of the path');
                calls.push({ call: `${options.method} ${path}`, body: options.body, key: (options.headers || {})['Idempotency-Key'] });
                const [status, body] = answers[`${options.method} ${path}`] || [200, ANSWERS[`${options.method} ${path}`]];
                return { statusCode: status, body };
            },
        },
    };
}

test('the dropdown of events is what the service offers now', async () => {
    const offered = await new HeedTrigger().methods.loadOptions.getTriggers.call(context());
    assert.deepEqual(offered, [{ name: 'Out', value: 'contact.opted_out', description: 'Says no.' }]);
});

const posts = (here) => here.calls.filter((one) => one.call && one.call.startsWith('POST'));
const run = (here) => new Heed().execute.call(here);

test('the dropdown of actions is what the service offers now', async () => {
    const offered = await new Heed().methods.loadOptions.getActions.call(context());
    assert.deepEqual(offered, [{ name: 'Send', value: 'send', description: 'Sends.' }]);
});

test('fields are those of the action, in its order, their dropdowns filled from the service', async () => {
    const { fields } = await new Heed().methods.resourceMapping.getFields.call(context());
    assert.deepEqual(fields.map((one) => [one.id, one.type, one.required, one.removed]), [
        ['sender', 'options', true, false], ['number', 'string', false, false], ['lists', 'options', false, false],
        ['require_opt_in', 'options', false, true], ['evidence', 'object', false, true],
        ['idempotency_key', 'string', false, true],
    ]);
    assert.deepEqual(fields[0].options, [{ name: 'Shop', value: 'sdr_1' }, { name: 'News', value: 'sdr_2' }]);
});

test('what was left empty is left out, and forms that know fewer types are read by the schema', async () => {
    const values = {
        sender: 'sdr_1', number: 14155550123, lists: 'default, news', require_opt_in: 'true', evidence: '{"form": "a"}',
        nothing: null, none: '', gone: undefined,
    };
    const here = context({ values });
    await run(here);
    assert.deepEqual(posts(here)[0].body, {
        sender: 'sdr_1', number: 14155550123, lists: ['default', 'news'], require_opt_in: true, evidence: { form: 'a' },
    });
});

test('fields can be taken from the item as they are called there', async () => {
    const here = context({ mode: 'autoMapInputData', items: [{ json: { number: '+1', sender: 's', other: 1 } }] });
    await run(here);
    assert.deepEqual(posts(here)[0].body, { number: '+1', sender: 's' });
});

test('a filter whose expression holds nothing is no call at all', async () => {
    for (const nothing of [undefined, null, '', []]) {
        const here = context({ values: { sender: 's', lists: nothing }, raw: { sender: 's', lists: '={{ $json.nope }}' } });
        await assert.rejects(run(here), /lists: the expression holds nothing/);
        assert.deepEqual(posts(here), []);
    }
});

test('each item is a call of its own, answered beside it, under the version it was read with', async () => {
    const here = context({ values: [{ number: '+1' }, { number: '+2' }], items: [{ json: {} }, { json: {} }] });
    const [answers] = await run(here);
    assert.deepEqual(answers, [{ json: { sent: 1 }, pairedItem: { item: 0 } }, { json: { sent: 1 }, pairedItem: { item: 1 } }]);
    assert.equal(here.calls.filter((one) => one.call === 'GET /v1/actions/send').length, 1);
});

test('the key is the same when the same is tried again, and another one for another item, run or input', async () => {
    const keys = async (given) => {
        const here = context({ values: [{ number: '+1' }, { number: '+1' }], items: [{ json: {} }, { json: {} }], ...given });
        await run(here);
        return posts(here).map((one) => one.key);
    };
    const first = await keys({});
    assert.deepEqual(await keys({}), first);
    const all = [...first, ...(await keys({ run: 1 })), ...(await keys({ values: [{ number: '+2' }, { number: '+3' }] }))];
    assert.equal(new Set(all).size, 6);
    assert.ok(all.every((one) => one.length <= 255 && !/[{}]/.test(one)));
});

test('a key that was entered is the only one', async () => {
    const here = context({ values: { number: '+1', idempotency_key: 'mine' } });
    await run(here);
    assert.deepEqual([posts(here)[0].key, posts(here)[0].body.idempotency_key], [undefined, 'mine']);
});

test('a refusal shows the title and every field that is at fault', async () => {
    const here = context({ values: {}, answers: { 'POST /v1/actions/send?version=3': [422, PROBLEM] } });
    await assert.rejects(run(here), (error) => {
        assert.equal(error.constructor.name, 'NodeApiError');
        assert.equal(error.message, PROBLEM.title);
        assert.equal(error.description, 'number: is missing\ninput: is odd');
        assert.equal(error.httpCode, '422');
        return true;
    });
});

test('a problem that came as text or bytes is read, and what is no answer of Heed is said to be none', async () => {
    const text = JSON.stringify({ title: 'This call needs a valid API key', status: 401, errors: [] });
    for (const body of [text, Buffer.from(text)]) {
        const here = context({ answers: { 'GET /v1/actions/send': [401, body] } });
        await assert.rejects(run(here), /needs a valid API key/);
    }
    for (const answer of [[200, '<html>'], [502, 'Bad gateway']]) {
        const here = context({ answers: { 'GET /v1/actions/send': answer } });
        await assert.rejects(run(here), /This is no answer of Heed/);
    }
});

test('a node that goes on hands the refusal on beside its item', async () => {
    const here = context({ goesOn: true, answers: { 'POST /v1/actions/send?version=3': [422, PROBLEM] } });
    const [answers] = await run(here);
    assert.deepEqual(answers, [
        {
            json: { ...PROBLEM, error: PROBLEM.title, description: 'number: is missing\ninput: is odd' },
            pairedItem: { item: 0 },
        },
    ]);
});

test('the credential sends the key and asks whose it is', () => {
    const credential = new HeedApi();
    assert.equal(credential.authenticate.properties.headers.Authorization, '=Bearer {{$credentials.apiKey}}');
    assert.equal(credential.test.request.url, '/v1/me');
    assert.equal(credential.properties[0].default, 'https://heed.example');
    assert.ok(credential.properties[1].typeOptions.password);
});

const LISTING = 'GET /v1/webhooks?limit=1000&cursor=';
const HOOK = { id: 'whk_1', url: 'https://n8n.example/webhook/1' };
const lifecycle = new HeedTrigger().webhookMethods.default;

test('the trigger subscribes once, finds what is its own, and unsubscribes', async () => {
    const fresh = context({ answers: { [LISTING]: [200, { items: [], next_cursor: null }], 'POST /v1/webhooks': [201, HOOK] } });
    assert.equal(await lifecycle.checkExists.call(fresh), false);
    assert.equal(await lifecycle.create.call(fresh), true);
    assert.deepEqual(fresh.calls.at(-1).body, {
        url: HOOK.url, events: ['contact.opted_out'], secret: secretOf('heed_k_s', 'workflow:node-1'), format: 'flat',
    });

    const pages = {
        [LISTING]: [200, { items: [{ id: 'whk_0', url: 'https://other.example' }], next_cursor: 'c' }],
        [`${LISTING}c`]: [200, { items: [HOOK], next_cursor: null }],
        'PATCH /v1/webhooks/whk_1': [200, HOOK], 'DELETE /v1/webhooks/whk_1': [200, { deleted: true }],
    };
    const there = context({ answers: pages });
    assert.equal(await lifecycle.checkExists.call(there), true);
    assert.equal(there.calls.at(-1).call, 'PATCH /v1/webhooks/whk_1');
    assert.equal(await lifecycle.delete.call(there), true);
    assert.equal(there.calls.at(-1).call, 'DELETE /v1/webhooks/whk_1');

    const gone = context({ answers: { [LISTING]: [200, { items: [], next_cursor: null }] } });
    assert.equal(await lifecycle.delete.call(gone), true);
});

test('a trigger that Heed refuses is not active', async () => {
    const refused = context({ answers: { 'POST /v1/webhooks': [422, PROBLEM] } });
    await assert.rejects(lifecycle.create.call(refused), /The input has faults/);
});

function delivery(over = {}) {
    const body = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'contact.opted_out', number: '+1' }));
    const stamp = String(Math.floor((over.at || Date.now()) / 1000));
    const secret = Buffer.from(secretOf(over.key || 'heed_k_s', 'workflow:node-1').slice(6), 'base64');
    const signature = createHmac('sha256', secret).update(`msg_1.${stamp}.`).update(body).digest('base64');
    return {
        body: over.body || body,
        headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': stamp, 'webhook-signature': `v1,AAAA v1,${signature}` },
    };
}

test('a signed delivery starts the workflow, once', async () => {
    const here = context(delivery());
    const trigger = new HeedTrigger();
    const first = await trigger.webhook.call(here);
    assert.deepEqual(first.workflowData, [[{ json: { id: 'evt_1', type: 'contact.opted_out', number: '+1' } }]]);
    assert.deepEqual(await trigger.webhook.call(here), {});
});

test('a delivery that was signed otherwise, long ago, or changed on its way is refused', async () => {
    const changed = delivery({ body: Buffer.from('{"type":"contact.opted_in"}') });
    for (const bad of [delivery({ key: 'heed_other' }), delivery({ at: Date.now() - 400000 }), changed, { headers: {} }]) {
        const here = context(bad);
        assert.deepEqual(await new HeedTrigger().webhook.call(here), { noWebhookResponse: true });
        assert.deepEqual(here.calls, [{ answered: 401 }]);
    }
});

test('the trigger answers as soon as it is told, with nothing', () => {
    const [webhook] = new HeedTrigger().description.webhooks;
    assert.equal(webhook.responseMode, 'onReceived');
    assert.equal(webhook.responseData, 'noData');
    assert.equal(new Heed().description.usableAsTool, true);
});
