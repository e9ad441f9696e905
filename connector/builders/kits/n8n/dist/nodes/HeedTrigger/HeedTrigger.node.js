'use strict';
const { NodeConnectionTypes } = require('n8n-workflow');
const { call } = require('../../shared/service.js');
const { isSigned, secretOf } = require('../../shared/signature.js');

/** So many deliveries are remembered: one that comes twice counts once. */
const REMEMBERED = 200;

/** Starts a workflow when something happens in Heed. It subscribes while the workflow is active. */
class HeedTrigger {
    description = {
        displayName: 'Heed Trigger',
        name: 'heedTrigger',
        icon: { light: 'file:heed.svg', dark: 'file:heed.dark.svg' },
        group: ['trigger'],
        version: 1,
        subtitle: '={{ $parameter["events"].join(", ") }}',
        description: 'Starts when somebody opts out or in, writes a keyword, or a message is sent, skipped or fails',
        eventTriggerDescription: 'Waiting for something to happen in Heed',
        defaults: { name: 'Heed Trigger' },
        inputs: [],
        outputs: [NodeConnectionTypes.Main],
        credentials: [{ name: 'heedApi', required: true }],
        webhooks: [
            {
                name: 'default',
                httpMethod: 'POST',
                responseMode: 'onReceived',
                responseData: 'noData',
                path: 'heed',
            },
        ],
        properties: [
            {
                displayName: 'Event Names or IDs',
                name: 'events',
                type: 'multiOptions',
                typeOptions: { loadOptionsMethod: 'getTriggers' },
                required: true,
                default: [],
                description:
                    'What starts the workflow, as the service offers it. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
            },
        ],
    };
    methods = {
        loadOptions: {
            async getTriggers() {
                const { body } = await call(this, 'GET', '/v1/actions');
                return body.triggers.map(({ event, title, description }) => ({ name: title, value: event, description }));
            },
        },
    };
    webhookMethods = {
        default: {
            async checkExists() {
                const there = await subscription(this);
                if (!there) return false;
                // What stands there is made to fit, so that nothing that waits for delivery is lost.
                await call(this, 'PATCH', `/v1/webhooks/${there}`, { body: await wish(this) });
                return true;
            },
            async create() {
                await call(this, 'POST', '/v1/webhooks', { body: await wish(this) });
                return true;
            },
            async delete() {
                const there = await subscription(this);
                if (there) await call(this, 'DELETE', `/v1/webhooks/${there}`);
                return true;
            },
        },
    };

    async webhook() {
        const request = this.getRequestObject();
        const headers = this.getHeaderData();
        const body = request.rawBody || Buffer.alloc(0);
        if (!isSigned(await secret(this), headers, body)) {
            this.getResponseObject().status(401).json({ message: 'The signature is not that of this trigger.' });
            return { noWebhookResponse: true };
        }
        const data = this.getWorkflowStaticData('node');
        const seen = data.seen || [];
        if (seen.includes(headers['webhook-id'])) return {};
        data.seen = [...seen, headers['webhook-id']].slice(-REMEMBERED);
        return { workflowData: [[{ json: JSON.parse(body.toString('utf8')) }]] };
    }
}

/** The id of the webhook at this trigger's own URL; one that was left behind is found again, too. */
async function subscription(context) {
    const url = context.getNodeWebhookUrl('default');
    let cursor = '';
    do {
        const { body } = await call(context, 'GET', `/v1/webhooks?limit=1000&cursor=${encodeURIComponent(cursor)}`);
        const found = body.items.find((one) => one.url === url);
        if (found) return found.id;
        cursor = body.next_cursor;
    } while (cursor);
    return undefined;
}

async function wish(context) {
    return {
        url: context.getNodeWebhookUrl('default'),
        events: context.getNodeParameter('events'),
        secret: await secret(context),
        format: 'flat',
    };
}

async function secret(context) {
    const { apiKey } = await context.getCredentials('heedApi');
    return secretOf(apiKey, `${context.getWorkflow().id}:${context.getNode().id}`);
}

module.exports = { HeedTrigger };
