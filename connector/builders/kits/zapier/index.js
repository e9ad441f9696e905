'use strict';

// The app is definition.json, made from Heed's catalogue. Here is only what JSON cannot say: values of their right
// types, errors in words, and events out of their envelopes.
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

// What a person filled in, and nothing that was left empty.
const filled = (input, fields) =>
  Object.fromEntries(
    fields
      .map((field) => [field.key, typed(input[field.key], field)])
      .filter(([, value]) => !(isMissing(value) || (typeof value === 'object' && Object.keys(value).length === 0))),
  );

const act = (operation) => async (z, bundle) => {
  const { method, url } = operation.perform;
  const response = await z.request({ method, url, body: filled(bundle.inputData || {}, operation.inputFields) });
  return response.data;
};

// A list of the one event, as it will arrive.
const samples = (request) => async (z) => {
  const { data } = await z.request({ ...request });
  return [data.data || data];
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
