'use strict';
// The input of an action, made from the rows of its node and the message.

const { Problem } = require('./client.js');

/** Types of rows whose value is data of the flow: it may turn out not to be there. */
const MAPPED = new Set(['msg', 'flow', 'global', 'jsonata', 'env']);
/** Fields that choose whom or what an action applies to: mapped to nothing, they are a fault, never "no filter". */
const FILTERS = new Set(['lists', 'recipients']);

/** { name: value } of all rows that hold something; throws a Problem that names the row. */
async function inputOf(RED, node, rows, msg) {
    const found = await Promise.all(rows.map((row) => valueOf(RED, node, row, msg)));
    const input = {};
    rows.forEach((row, place) => {
        const value = found[place];
        const missing = value === undefined || value === null || value === '';
        const empty = missing || (Array.isArray(value) && value.length === 0);
        if (empty && FILTERS.has(row.name) && MAPPED.has(row.type)) {
            throw notAsked(row, `comes from ${row.type} ${row.value}, which holds nothing`);
        }
        if (!missing) input[row.name] = value;
    });
    return input;
}

async function valueOf(RED, node, row, msg) {
    switch (row.type) {
        case 'none':
            return undefined;
        case 'pick': // one of a list
            return row.value;
        case 'picks': // some of a list, as the editor keeps them
            return row.value ? String(row.value).split(',') : undefined;
        case 'const': // one of a list whose items are not all texts
            return row.value === '' ? undefined : evaluated(RED, node, { ...row, type: 'json' }, msg);
        default:
            return row.value === '' || row.value === undefined ? undefined : evaluated(RED, node, row, msg);
    }
}

function evaluated(RED, node, row, msg) {
    return new Promise((resolve, reject) => {
        try {
            RED.util.evaluateNodeProperty(row.value, row.type, node, msg, (fault, value) => {
                if (fault) fail(fault);
                else resolve(value);
            });
        } catch (fault) {
            fail(fault);
        }

        function fail(fault) {
            // msg.a.b where there is no msg.a: as missing as msg.b.
            if (fault.name === 'TypeError' && row.type === 'msg') resolve(undefined);
            else reject(notAsked(row, `can't be evaluated: ${fault.message || fault}`));
        }
    });
}

/** The same form as a refusal of Heed's, so that a flow needs to know only one. */
function notAsked(row, detail) {
    return new Problem({
        title: 'Heed was not asked', status: 422, detail: `${row.name} ${detail}`,
        errors: [{ pointer: `/${row.name}`, code: 'not_asked', detail }],
    });
}

/** The same for the same message at the same node, so that a retry has one effect; another for each part of a split. */
function keyOf(node, msg) {
    if (msg.idempotency_key) return String(msg.idempotency_key);
    if (!msg._msgid) return undefined;
    const places = [];
    for (let parts = msg.parts; parts && typeof parts === 'object'; parts = parts.parts) places.push(parts.index);
    return ['node-red', node.id, msg._msgid, ...places].join(':');
}

module.exports = { inputOf, keyOf };
