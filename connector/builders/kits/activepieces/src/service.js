'use strict';

// Calls of Heed, and what its problems say in words.

class Refused extends Error {
  constructor(status, message, problem) {
    super(message);
    this.name = 'HeedError';
    this.status = status;
    this.problem = problem;
  }
}

const words = (status, problem) => {
  const faults = (problem.errors || []).map((fault) => `${fault.pointer || 'the input'} ${fault.detail}`);
  return `${status}: ${faults.join('; ') || problem.detail || problem.title || 'Heed refused this call.'}`;
};

// In actions and dropdowns a connection holds its fields as props; where it is validated they stand by themselves.
const connection = (auth) => {
  const { server, key } = auth.props || auth;
  return { server: String(server).replace(/\/+$/, ''), key };
};

const reach = async (server, path, options) => {
  try {
    return await fetch(server + path, options);
  } catch (error) {
    throw new Refused(0, `Heed does not answer at ${server} (${(error.cause && error.cause.code) || error.message}).`, {});
  }
};

const call = async (auth, method, path, { body, headers = {} } = {}) => {
  const { server, key } = connection(auth);
  const answer = await reach(server, path, {
    method,
    headers: {
      Authorization: `Bearer ${key}`,
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  let value;
  try {
    value = text ? JSON.parse(text) : {};
  } catch {
    throw new Refused(answer.status, `${answer.status}: ${server} does not answer as Heed does.`, {});
  }
  if (!answer.ok) throw new Refused(answer.status, words(answer.status, value), value);
  return value;
};

module.exports = { Refused, call };
