'use strict';
const { inputOf, keyOf } = require('./lib/fields.js');

module.exports = function (RED) {
    function HeedAction(config) {
        RED.nodes.createNode(this, config);
        const node = this;
        const service = RED.nodes.getNode(config.service);
        const rows = config.fields || [];
        const path = `/v1/actions/${encodeURIComponent(config.action)}`;
        const ending = new AbortController();

        node.on('input', async (msg, send, done) => {
            if (!service || !config.action) {
                done(new Error('Choose a Heed service and an action first'));
                return;
            }
            node.status({ fill: 'blue', shape: 'dot', text: 'asking' });
            try {
                const body = await inputOf(RED, node, rows, msg);
                const version = config.version ? `?version=${encodeURIComponent(config.version)}` : '';
                const answer = await service.call(path + version, {
                    method: 'POST', body, key: body.idempotency_key ? undefined : keyOf(node, msg), signal: ending.signal,
                });
                msg.payload = answer.body;
                msg.statusCode = answer.status;
                msg.replayed = answer.replayed;
                node.status({ fill: 'green', shape: 'dot', text: outcome(answer.body) });
                send(msg);
                done();
            } catch (fault) {
                if (fault.problem) {
                    msg.payload = fault.problem;
                    msg.statusCode = fault.status;
                    if (fault.retryAfter) msg.retryAfter = fault.retryAfter;
                }
                node.status({ fill: 'red', shape: 'ring', text: `${fault.status || ''} ${fault.message}`.trim().slice(0, 80) });
                done(fault);
            }
        });

        node.on('close', () => {
            ending.abort();
            node.status({});
        });
    }

    /** A business "no" is no error: it is shown, and flows on. */
    function outcome(body) {
        if (body.summary) return body.summary;
        if (typeof body.allowed === 'boolean') return body.allowed ? 'allowed' : `not allowed: ${reasons(body)}`;
        const first = Array.isArray(body.results) && body.results[0];
        return first && first.status ? first.status : 'done';
    }

    function reasons(body) {
        return (body.reasons || []).map((one) => one.code).join(', ');
    }

    RED.nodes.registerType('heed-action', HeedAction);
};
