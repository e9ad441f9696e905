'use strict';
// The bytes of a body, which a signature is over. Where editor and flows share a root, Node-RED's editor has read and
// parsed a JSON body before any node sees the request; so the bytes are kept as they pass.

const LARGEST = 1024 * 1024;

/** From here on the server's requests to `path` keep their bytes; who reads them is left alone. */
function keepBytes(server, path) {
    server.prependListener('request', (request) => {
        if (!request.url.includes(path)) return;
        const parts = [];
        const emit = request.emit;
        let size = 0;
        request.heedBytes = parts;
        request.emit = function (name, part) {
            if (name === 'data' && size <= LARGEST) {
                size += part.length;
                parts.push(Buffer.from(part));
            }
            return emit.apply(this, arguments);
        };
    });
}

/** The body of a request as it came; an Error where it is too large. */
async function bytesOf(request) {
    const parts = request.heedBytes || [];
    if (!request.readableEnded) {
        for await (const part of request) if (!request.heedBytes) parts.push(part);
    }
    // Without a server of its own (Node-RED inside another program), a body that was parsed is written out again.
    if (!parts.length && request.body) return Buffer.from(JSON.stringify(request.body));
    const body = Buffer.concat(parts);
    if (body.length > LARGEST) throw new Error('too large');
    return body;
}

module.exports = { bytesOf, keepBytes };
