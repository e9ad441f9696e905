'use strict';

const { createHash } = require('node:crypto');
const { Property, createAction } = require('@activepieces/pieces-framework');
const { auth } = require('./auth');
const { filled, properties } = require('./fields');
const { call } = require('./service');

const first = (text) => text.split('\n')[0];

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};

// The same step of the same run with the same input is the same call, however often it is tried; a loop runs one step
// with other inputs.
const idempotencyKey = (context, action, input) => {
  const hash = createHash('sha256').update(JSON.stringify([action, sorted(input)])).digest('hex').slice(0, 32);
  return `activepieces:${context.run.id}:${context.step.name}:${hash}`;
};

const runAction = createAction({
  auth,
  name: 'run_action',
  displayName: 'Run a Heed action',
  description: 'Check consent, add to or remove from opt-out, send with suppression: whatever your Heed can do.',
  aiMetadata: { description: 'Runs one action of the Heed service; its input is drawn from the catalogue.', idempotent: true },
  props: {
    action: Property.Dropdown({
      auth,
      displayName: 'Action',
      description: 'Read from your Heed: a new action is here at once.',
      required: true,
      refreshers: [],
      options: async ({ auth: connection }) => {
        if (!connection) return { disabled: true, placeholder: 'Connect to Heed first', options: [] };
        const { actions } = await call(connection, 'GET', '/v1/actions');
        return { options: actions.map((one) => ({ label: `${one.title}: ${first(one.description)}`, value: one.name })) };
      },
    }),
    input: Property.DynamicProperties({
      auth,
      displayName: 'Input',
      required: true,
      refreshers: ['action'],
      props: async ({ auth: connection, action }) => {
        if (!connection || !action) return {};
        const { input_schema: schema } = await call(connection, 'GET', `/v1/actions/${action}`);
        return properties(connection, schema);
      },
    }),
  },
  async run(context) {
    const { action, input } = context.propsValue;
    const { input_schema: schema } = await call(context.auth, 'GET', `/v1/actions/${action}`);
    const body = filled(input || {}, schema);
    const headers = body.idempotency_key ? {} : { 'Idempotency-Key': idempotencyKey(context, action, body) };
    return call(context.auth, 'POST', `/v1/actions/${action}`, { body, headers });
  },
});

module.exports = { runAction };
