'use strict';
// An action's JSON Schema as fields of n8n's resource mapper, and what was entered there as the action's input.

const { NodeOperationError } = require('n8n-workflow');

/** Fields that choose whom or what an action applies to: mapped to nothing, they are a fault, never "no filter". */
const FILTERS = new Set(['lists', 'recipients']);

/** Fields in the order of the catalogue. `optionsOf(source)` answers a dropdown's items. */
async function fieldsOf(schema, optionsOf) {
    const required = new Set(schema.required || []);
    const entries = Object.entries(schema.properties).filter(([, one]) => one && typeof one === 'object');
    entries.sort(([, one], [, other]) => (one['x-order'] || 0) - (other['x-order'] || 0));
    return Promise.all(entries.map(([name, one]) => field(name, one, required.has(name), optionsOf)));
}

async function field(name, schema, required, optionsOf) {
    const made = {
        id: name,
        displayName: schema.title || name,
        required,
        defaultMatch: false,
        canBeUsedToMatch: false,
        display: true,
        removed: !required && schema['x-visibility'] === 'advanced',
        type: typeOf(schema),
    };
    if (made.type === 'options') made.options = await choices(schema, optionsOf);
    return made;
}

function typeOf(schema) {
    const kinds = [].concat(schema.type || []);
    if (schema.enum || schema['x-options']) return 'options';
    if (kinds.includes('boolean')) return 'boolean';
    if (kinds.includes('string')) return 'string'; // times as well: n8n's own picker would lose their zone
    if (kinds.includes('integer') || kinds.includes('number')) return 'number';
    return kinds.includes('array') ? 'array' : 'object';
}

async function choices(schema, optionsOf) {
    if (schema.enum) return schema.enum.map((one) => ({ name: String(one), value: one }));
    return optionsOf(schema['x-options'].source);
}

/**
 * The input: without what was left empty, and in the types of the schema, where n8n's forms know fewer.
 * `raw`: the same values as they were entered, to know a filter whose expression found nothing.
 */
function inputOf(schema, values, raw, node, itemIndex) {
    const input = {};
    for (const [name, value] of Object.entries(values || {})) {
        const missing = value === null || value === undefined || value === '';
        const empty = missing || (Array.isArray(value) && value.length === 0);
        if (empty && FILTERS.has(name) && isExpression((raw || {})[name])) {
            const message = `${name}: the expression holds nothing, so Heed was not asked`;
            throw new NodeOperationError(node, message, { itemIndex });
        }
        if (!missing) input[name] = typed(schema.properties[name] || {}, value, name, node, itemIndex);
    }
    return input;
}

function isExpression(value) {
    return typeof value === 'string' && value.startsWith('=');
}

function typed(schema, value, name, node, itemIndex) {
    const kinds = [].concat(schema.type || []);
    if (typeof value !== 'string' || kinds.includes('string') || !(kinds.length || schema.enum)) return value;
    if (kinds.includes('array') && !value.trim().startsWith('[')) return value.split(',').map((one) => one.trim());
    if (!kinds.length && schema.enum) return schema.enum.find((one) => String(one) === value) ?? value;
    try {
        return JSON.parse(value);
    } catch {
        throw new NodeOperationError(node, `${name}: this is no JSON`, { itemIndex, description: value.slice(0, 200) });
    }
}

module.exports = { fieldsOf, inputOf };
