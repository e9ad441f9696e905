'use strict';

// The form of an action: its JSON Schema as properties, and what was filled in as JSON of the right types.

const { Property } = require('@activepieces/pieces-framework');
const { call } = require('./service');

// So many options are fetched; beyond that a value is typed in.
const MOST = 500;

const options = async (auth, source) => {
  const found = [];
  let cursor = null;
  do {
    const page = await call(auth, 'GET', `/v1/options/${source}${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`);
    found.push(...page.options.map(({ label, value }) => ({ label, value })));
    cursor = page.next_cursor;
  } while (cursor && found.length < MOST);
  return cursor ? null : found;
};

const types = (schema) => [].concat(schema.type || []);
const isList = (schema) => types(schema).includes('array');
const isRows = (schema) => isList(schema) && schema.items && schema.items.type === 'object';

const label = (value) => {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  const text = String(value).replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const row = (schema, name) =>
  Property.ShortText({ displayName: schema.title || name, description: schema.description, required: false });

const rows = (shown, schema) => {
  const inner = Object.entries(schema.items.properties).filter(([, one]) => !types(one).includes('object'));
  return Property.Array({ ...shown, properties: Object.fromEntries(inner.map(([name, one]) => [name, row(one, name)])) });
};

const property = async (auth, schema, required) => {
  const shown = { displayName: schema.title, description: schema.description, required, defaultValue: schema.default };
  if (schema.enum || types(schema).includes('boolean')) {
    const values = schema.enum || [true, false];
    return Property.StaticDropdown({ ...shown, options: { options: values.map((value) => ({ label: label(value), value })) } });
  }
  if (isRows(schema)) return rows(shown, schema);
  const found = schema['x-options'] ? await options(auth, schema['x-options'].source) : null;
  if (found && isList(schema)) return Property.StaticMultiSelectDropdown({ ...shown, options: { options: found } });
  if (found) return Property.StaticDropdown({ ...shown, options: { options: found } });
  if (isList(schema)) return Property.Array(shown);
  if (types(schema).includes('object')) return Property.Json({ ...shown, defaultValue: schema.default || {} });
  return Property.ShortText({ ...shown, defaultValue: schema.default === undefined ? undefined : String(schema.default) });
};

const properties = async (auth, schema) => {
  const ordered = Object.entries(schema.properties).sort(([, a], [, b]) => a['x-order'] - b['x-order']);
  const drawn = await Promise.all(
    ordered.map(async ([name, one]) => [name, await property(auth, one, (schema.required || []).includes(name))]),
  );
  return Object.fromEntries(drawn);
};

const isEmpty = (value) =>
  value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

const typed = (value, schema) => {
  if (Array.isArray(value) && isRows(schema)) {
    return value.map((one) => filled(one, schema.items)).filter((one) => !isEmpty(one));
  }
  if (Array.isArray(value)) return value.filter((one) => !isEmpty(one));
  const [wanted] = types(schema);
  if (typeof value !== 'string') return value;
  if ((wanted === 'integer' || wanted === 'number') && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  if ((wanted === 'object' || wanted === 'array') && /^\s*[{[]/.test(value)) return JSON.parse(value);
  return value;
};

// A list with entries that are all empty was mapped from something that is missing; to leave it out would mean "no
// filter".
const isLost = (value) => Array.isArray(value) && value.length > 0 && value.every(isBlank);
const isBlank = (one) => isEmpty(one) || (typeof one === 'object' && Object.values(one).every(isBlank));

// What a person filled in, without what was left empty; unknown names stay, for Heed to refuse by name.
const filled = (given, schema) => {
  const lost = Object.keys(given).filter((name) => isLost(given[name]));
  if (lost.length) throw new Error(`${lost.join(', ')}: what is mapped here came out empty, so Heed was not asked.`);
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name, isEmpty(value) ? undefined : typed(value, schema.properties[name] || {})])
      .filter(([, value]) => !isEmpty(value)),
  );
};

module.exports = { filled, properties };
