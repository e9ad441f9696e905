'use strict';
const { isSigned, secretOf } = require('./lib/signature.js');
const { bytesOf, keepBytes } = require('./lib/bytes.js');
const { find, subscribe } = require('./lib/subscription.js');

const PATH = '/heed/hook/';
const AGAIN_MS = [2000, 5000, 15000, 60000];
/** So many deliveries are remembered: one that comes twice counts once. */
const REMEMBERED = 1000;

module.exports = function (RED) {
    /** The triggers that run now, by id; one route serves them all, for a route can't be taken away again. */
    const running = new Map();

    if (RED.server) keepBytes(RED.server, PATH);
    RED.httpNode.post(`${PATH}:node`, (request, answer) => {
        const trigger = running.get(request.params.node);
        if (!trigger) {
            answer.status(404).end();
            return;
        }
        bytesOf(request).then(
            (body) => answer.status(trigger.take(request.headers, body)).end(),
            () => answer.status(413).end(),
        );
    });

    function HeedTrigger(config) {
        RED.nodes.createNode(this, config);
        const node = this;
        const service = RED.nodes.getNode(config.service);
        if (!service || !(config.events || []).length) {
            node.status({ fill: 'yellow', shape: 'ring', text: 'choose a service and an event' });
            return;
        }
        const secret = secretOf(service.at().key, node.id);
        const wish = { url: address(service.callback, node.id), events: config.events, secret, format: 'flat' };
        const seen = new Set();
        let closed = false;
        let timer, hook;

        running.set(node.id, { take });
        const begun = begin(0);

        /** The status that Heed is answered with; what is refused is tried again by it. */
        function take(headers, body) {
            if (!isSigned(secret, headers, body)) {
                node.warn('A delivery was refused: its signature is not ours');
                return 401;
            }
            const id = headers['webhook-id'];
            if (seen.has(id)) return 200;
            let event;
            try {
                event = JSON.parse(body.toString('utf8'));
            } catch {
                return 400;
            }
            seen.add(id);
            if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
            node.send({ topic: event.type, payload: event, event_id: id });
            node.status({ fill: 'green', shape: 'dot', text: event.type });
            return 200;
        }

        async function begin(tries) {
            try {
                hook = await subscribe(service, wish);
                node.status({ fill: 'green', shape: 'ring', text: 'listening' });
            } catch (fault) {
                if (closed) return;
                node.status({ fill: 'red', shape: 'ring', text: fault.message.slice(0, 80) });
                if (tries === 0) node.error(`Not subscribed: ${fault.message}`);
                timer = setTimeout(() => begin(tries + 1), AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
            }
        }

        // Deleted or disabled, it unsubscribes. Deployed anew or restarted, it doesn't: Heed keeps what happens meanwhile.
        node.on('close', (removed, done) => {
            closed = true;
            clearTimeout(timer);
            running.delete(node.id);
            node.status({});
            if (!removed) {
                done();
                return;
            }
            begun
                .then(() => hook || find(service, wish.url))
                .then((found) => found && service.call(`/v1/webhooks/${found}`, { method: 'DELETE' }))
                .catch((fault) => node.warn(`Not unsubscribed: ${fault.message}`))
                .then(() => done());
        });
    }

    function address(callback, id) {
        const root = String(RED.settings.httpNodeRoot || '/').replace(/\/+$/, '');
        return `${String(callback || '').replace(/\/+$/, '')}${root}${PATH}${id}`;
    }

    RED.nodes.registerType('heed-trigger', HeedTrigger);
};
