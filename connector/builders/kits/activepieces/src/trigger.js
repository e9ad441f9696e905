'use strict';

const { createHmac, timingSafeEqual } = require('node:crypto');
const { Property, TriggerStrategy, createTrigger } = require('@activepieces/pieces-framework');
const { auth } = require('./auth');
const { Refused, call } = require('./service');

const KEPT = 'heed_webhook';
// A delivery that was signed longer ago may be somebody's recording.
const TOLERANCE_S = 300;

// Standard Webhooks: an HMAC over id, time and the body as it came.
const isGenuine = (secret, headers, body) => {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (!id || !signatures || !(Math.abs(Date.now() / 1000 - Number(time)) <= TOLERANCE_S)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest();
  return signatures.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
};

const newEvent = createTrigger({
  auth,
  name: 'new_event',
  displayName: 'Heed event',
  description: 'Starts when a person opts out or in, writes a keyword, or when a message is sent, skipped or fails.',
  type: TriggerStrategy.WEBHOOK,
  props: {
    event: Property.Dropdown({
      auth,
      displayName: 'Event',
      required: true,
      refreshers: [],
      options: async ({ auth: connection }) => {
        if (!connection) return { disabled: true, placeholder: 'Connect to Heed first', options: [] };
        const { triggers } = await call(connection, 'GET', '/v1/actions');
        return { options: triggers.map((one) => ({ label: `${one.title}: ${one.description}`, value: one.name })) };
      },
    }),
  },
  sampleData: { id: 'evt_0123456789ab', type: 'contact.opted_out', timestamp: '2026-01-31T09:30:00Z', number: '+14155550123' },
  async onEnable(context) {
    const body = { url: context.webhookUrl, events: [context.propsValue.event], format: 'flat' };
    const { id, secret } = await call(context.auth, 'POST', '/v1/webhooks', { body });
    await context.store.put(KEPT, { id, secret });
  },
  async onDisable(context) {
    const kept = await context.store.get(KEPT);
    if (!kept) return;
    try {
      await call(context.auth, 'DELETE', `/v1/webhooks/${kept.id}`);
    } catch (error) {
      // Heed drops a webhook whose receiver is gone; then there is nothing left to take back.
      if (!(error instanceof Refused && error.status === 404)) throw error;
    }
    await context.store.delete(KEPT);
  },
  async run(context) {
    const { body, headers, rawBody } = context.payload;
    const kept = await context.store.get(KEPT);
    // Without the bytes, the body written again is the same: Heed writes JSON as this does.
    const text = rawBody === undefined ? JSON.stringify(body) : String(rawBody);
    if (kept && !isGenuine(kept.secret, headers, text)) return [];
    return [body];
  },
  async test(context) {
    const sample = await call(context.auth, 'GET', `/v1/webhooks/samples/${context.propsValue.event}?format=flat`);
    return [sample];
  },
});

module.exports = { newEvent };
