'use strict';
const { createHash } = require('node:crypto');
const { NodeApiError, NodeConnectionTypes, NodeOperationError } = require('n8n-workflow');
const { call, options } = require('../../shared/service.js');
const { fieldsOf, inputOf } = require('../../shared/fields.js');

/** Runs an action of Heed. Which there are, and their fields, is read from the service while somebody edits. */
class Heed {
    description = {
        displayName: 'Heed',
        name: 'heed',
        icon: { light: 'file:heed.svg', dark: 'file:heed.dark.svg' },
        group: ['transform'],
        version: 1,
        subtitle: '={{ $parameter["operation"].replace(/_/g, " ") }}',
        description: 'Ask for consent, opt people out and in, and send messages that heed opt-outs',
        defaults: { name: 'Heed' },
        inputs: [NodeConnectionTypes.Main],
        outputs: [NodeConnectionTypes.Main],
        usableAsTool: true,
        credentials: [{ name: 'heedApi', required: true }],
        properties: [
            {
                displayName: 'Action Name or ID',
                name: 'operation',
                type: 'options',
                noDataExpression: true,
                typeOptions: { loadOptionsMethod: 'getActions' },
                required: true,
                default: '',
                description: 'What to do, as the service offers it',
            },
            {
                displayName: 'Fields',
                name: 'fields',
                type: 'resourceMapper',
                noDataExpression: true,
                default: { mappingMode: 'defineBelow', value: null },
                required: true,
                typeOptions: {
                    loadOptionsDependsOn: ['operation'],
                    resourceMapper: {
                        resourceMapperMethod: 'getFields',
                        mode: 'add',
                        fieldWords: { singular: 'field', plural: 'fields' },
                        addAllFields: true,
                        multiKeyMatch: false,
                        supportAutoMap: true,
                    },
                },
                displayOptions: { hide: { operation: [''] } },
            },
        ],
    };
    methods = {
        loadOptions: {
            async getActions() {
                const { body } = await call(this, 'GET', '/v1/actions');
                return body.actions.map(({ name, title, description }) => ({
                    name: title,
                    value: name,
                    description: description.split('\n\n')[0],
                }));
            },
        },
        resourceMapping: {
            async getFields() {
                const action = await actionOf(this, this.getNodeParameter('operation'));
                return { fields: await fieldsOf(action.input_schema, (source) => options(this, source)) };
            },
        },
    };

    async execute() {
        const items = this.getInputData();
        const known = new Map();
        const answers = [];
        for (let itemIndex = 0; itemIndex < items.length; itemIndex++) {
            try {
                const name = this.getNodeParameter('operation', itemIndex);
                if (!known.has(name)) known.set(name, await actionOf(this, name, itemIndex));
                const json = await run(this, known.get(name), items[itemIndex], itemIndex);
                answers.push({ json, pairedItem: { item: itemIndex } });
            } catch (error) {
                if (!this.continueOnFail()) throw told(this, error, itemIndex);
                const json = { ...(error.context || {}).problem, error: error.message, description: error.description };
                answers.push({ json, pairedItem: { item: itemIndex } });
            }
        }
        return [answers];
    }
}

/** Everything that goes wrong names the item it went wrong with. */
function told(context, error, itemIndex) {
    if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;
    return new NodeApiError(context.getNode(), error, { itemIndex });
}

async function actionOf(context, name, itemIndex) {
    if (!name) throw new NodeOperationError(context.getNode(), 'Choose an action first', { itemIndex });
    return (await call(context, 'GET', `/v1/actions/${encodeURIComponent(name)}`, { itemIndex })).body;
}

async function run(context, action, item, itemIndex) {
    const entered = context.getNodeParameter('fields', itemIndex);
    const raw = ((context.getNode().parameters || {}).fields || {}).value;
    const values = entered.mappingMode === 'autoMapInputData' ? automatic(action, item.json) : entered.value;
    const body = inputOf(action.input_schema, values, raw, context.getNode(), itemIndex);
    const key = body.idempotency_key ? undefined : keyOf(context, body, itemIndex);
    const path = `${action.links.run}?version=${action.version}`;
    return (await call(context, 'POST', path, { body, key, itemIndex })).body;
}

function automatic(action, json) {
    return Object.fromEntries(Object.entries(json).filter(([name]) => name in action.input_schema.properties));
}

/**
 * The same when n8n tries the same item of the same run again, so that it has one effect. A loop comes back to the node
 * with another run index; an agent that calls its tool twice, with another input.
 */
function keyOf(context, body, itemIndex) {
    const parts = [
        context.getInstanceId(),
        context.getWorkflow().id,
        context.getExecutionId(),
        context.getNode().id,
        context.evaluateExpression('{{ $runIndex }}', itemIndex),
        itemIndex,
        JSON.stringify(body),
    ];
    return `n8n:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

module.exports = { Heed };
