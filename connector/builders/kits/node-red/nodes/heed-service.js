'use strict';
const { call } = require('./lib/client.js');
const proposed = require('../service.json').server;

/** What the editor sends for a key that it does not know. */
const HIDDEN = '__PWRD__';

module.exports = function (RED) {
    function HeedService(config) {
        RED.nodes.createNode(this, config);
        this.server = config.server;
        this.callback = config.callback;
        this.call = (path, options) => call(this.at(), path, options);
        this.at = () => ({ server: this.server, key: this.credentials && this.credentials.key });
    }

    RED.nodes.registerType('heed-service', HeedService, {
        credentials: { key: { type: 'password' } },
        settings: { heedServiceServer: { value: proposed, exportable: true } },
    });

    // The editor asks through us, so that the key never leaves the server, and no browser needs to reach Heed.
    const guard = RED.auth.needsPermission('heed-service.write');
    RED.httpAdmin.post('/heed/test', guard, (request, answer) => ask(request, answer, '/v1/me'));
    RED.httpAdmin.post('/heed/catalogue', guard, (request, answer) => ask(request, answer, '/v1/actions'));
    RED.httpAdmin.post('/heed/options/:source', guard, (request, answer) => {
        const query = new URLSearchParams({ q: String((request.body || {}).q || '') });
        ask(request, answer, `/v1/options/${encodeURIComponent(request.params.source)}?${query}`);
    });

    async function ask(request, answer, path) {
        const at = connection(request.body || {});
        if (!at) {
            answer.status(404).json({ title: 'Not deployed yet', status: 404, detail: 'Enter the key, or deploy first.' });
            return;
        }
        try {
            answer.json((await call(at, path)).body);
        } catch (fault) {
            // Never a 401 of ours: the editor would take it for the end of its own session.
            answer.status(fault.status === 401 || !fault.status ? 502 : fault.status).json({
                ...fault.problem,
                message: fault.message,
            });
        }
    }

    /** What was typed and not yet deployed; else the deployed node. A kept key goes to its own service only. */
    function connection({ id, server, key }) {
        if (server && key && key !== HIDDEN) return { server: String(server), key: String(key) };
        const deployed = RED.nodes.getNode(id);
        if (!deployed || deployed.type !== 'heed-service') return undefined;
        return server && server !== deployed.server ? undefined : deployed.at();
    }
};
