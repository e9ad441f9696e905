'use strict';

// The app is definition.json, made from Heed's catalogue. Here is only what JSON cannot say: values of their right
// types, errors in words, and a sample as a list.
const definition = require('./definition.json');

const isMissing = (value) => value === undefined || value === null || value === '';

const json = (text, field) => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${field.label}: this is not JSON (${error.message})`);
  }
};

// The rows of line items; their keys carry the name of the parent, which is taken off again.
const rows = (given, field) => {
  const items = Array.isArray(given) ? given : [given];
  return items
    .map((item) =>
      Object.fromEntries(
        field.children
          .map((child) => [child.key.slice(field.key.length + 1), typed(item[child.key], child)])
          .filter(([, value]) => !isMissing(value)),
      ),
    )
    .filter((item) => Object.keys(item).length > 0);
};

const typed = (given, field) => {
  if (isMissing(given)) return undefined;
  if (field.children) return rows(given, field);
  if (field.list) return (Array.isArray(given) ? given : [given]).filter((value) => !isMissing(value));
  if ((field.dict || field.type === 'json') && typeof given === 'string') return json(given, field);
  const isFlag = field.type === 'boolean' || (field.choices || []).some?.((choice) => choice.value === 'true');
  if (isFlag && (given === 'true' || given === 'false')) return given === 'true';
  return given;
};

const isEmpty = (value) =>
  isMissing(value) || (typeof value === 'object' && Object.values(value).every((inner) => isEmpty(inner)));

// A filter that was mapped and came out empty: to leave it out would mean "no filter".
const isLost = (raw, value, field) => Boolean(field.list || field.children) && !isEmpty(raw) && isEmpty(value);

// What a person filled in, and nothing that was left empty. `raw` is the same before the platform mapped it.
const filled = (input, raw, fields) => {
  const values = fields.map((field) => [field, typed(input[field.key], field)]);
  const lost = values.filter(([field, value]) => isLost(raw[field.key], value, field)).map(([field]) => field.label);
  if (lost.length) throw new Error(`${lost.join(', ')}: what is mapped here came out empty, so Heed was not asked.`);
  return Object.fromEntries(values.filter(([, value]) => !isEmpty(value)).map(([field, value]) => [field.key, value]));
};

const act = (operation) => async (z, bundle) => {
  const { method, url } = operation.perform;
  // Written out here, because the platform empties {{ braces }} in the texts of a body that it writes itself, and
  // Heed fills them for each recipient.
  const body = JSON.stringify(filled(bundle.inputData || {}, bundle.inputDataRaw || {}, operation.inputFields));
  const response = await z.request({ method, url, body, headers: { 'Content-Type': 'application/json' } });
  return response.data;
};

// A list of the one event, as it will arrive.
const samples = (request) => async (z) => {
  const { data } = await z.request({ ...request });
  return [data];
};

// Heed's problems name every fault of a call; the person who built the zap reads them all.
const words = (response) => {
  let problem = {};
  try {
    problem = JSON.parse(response.content) || {};
  } catch {
    return `${response.status}: ${String(response.content).slice(0, 200)}`;
  }
  const faults = (problem.errors || []).map((fault) => `${fault.pointer || 'the input'} ${fault.detail}`);
  return faults.join('; ') || problem.detail || problem.title || `The answer was ${response.status}.`;
};

const refuse = (response, z) => {
  const { status } = response;
  if (status < 400 || response.skipThrowForStatus) return response;
  const wait = Number(response.getHeader('retry-after'));
  if (status === 429 || status === 503) throw new z.errors.ThrottledError(words(response), wait || 60);
  throw new z.errors.Error(words(response), status === 401 ? 'AuthenticationError' : 'InvalidData', status);
};

const mapped = (table, change) =>
  Object.fromEntries(
    Object.entries(table).map(([key, one]) => [key, { ...one, operation: { ...one.operation, ...change(one.operation) } }]),
  );

module.exports = {
  ...definition,
  platformVersion: require('zapier-platform-core').version,
  afterResponse: [refuse],
  creates: mapped(definition.creates, (operation) => ({ perform: act(operation) })),
  triggers: mapped(definition.triggers, (operation) => ({
    perform: (z, bundle) => [bundle.cleanedRequest],
    performList: samples(operation.performList),
  })),
};
