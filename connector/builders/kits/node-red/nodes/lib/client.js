'use strict';
// One call of a Heed service. Refusals come as a Problem (RFC 9457), whatever went wrong.

const LONGEST_MS = 30000;

/** What a call was answered with where that was no success; `problem` is what a flow is handed. */
class Problem extends Error {
    constructor(problem, retryAfter) {
        super(told(problem));
        this.name = 'HeedProblem';
        this.problem = problem;
        this.status = problem.status;
        this.retryAfter = retryAfter;
    }
}

/** A problem in one sentence, with every field that is at fault. */
function told(problem) {
    const faults = (problem.errors || []).map((one) => `${one.pointer.replace(/^\//, '') || 'input'} ${one.detail}`);
    return [problem.title, faults.length ? faults.join('; ') : problem.detail].filter(Boolean).join(': ');
}

/**
 * Calls `path` of the service `at` ({ server, key }). `options`: method, body, key (of idempotency), signal.
 * Answers { status, body, replayed }; throws a Problem.
 */
async function call(at, path, options = {}) {
    const headers = { Accept: 'application/json', Authorization: `Bearer ${at.key || ''}` };
    if (options.body !== undefined) headers['Content-Type'] = 'application/json';
    if (options.key) headers['Idempotency-Key'] = options.key;
    const stop = new AbortController();
    const end = () => stop.abort();
    const timer = setTimeout(end, LONGEST_MS);
    if (options.signal) options.signal.addEventListener('abort', end);
    let answer, text;
    try {
        answer = await fetch(at.server.replace(/\/+$/, '') + path, {
            method: options.method || 'GET',
            headers,
            body: options.body === undefined ? undefined : JSON.stringify(options.body),
            signal: stop.signal,
            redirect: 'error',
        });
        text = await answer.text();
    } catch (fault) {
        throw new Problem({ title: 'No answer', status: 0, detail: reason(fault, at.server) });
    } finally {
        clearTimeout(timer);
        if (options.signal) options.signal.removeEventListener('abort', end);
    }
    const body = parsed(text);
    if (answer.ok && body !== undefined) {
        return { status: answer.status, body, replayed: answer.headers.get('idempotency-replayed') === 'true' };
    }
    const problem = body && typeof body === 'object' && body.title ? body : foreign(answer.status);
    throw new Problem(problem, Number(answer.headers.get('retry-after')) || undefined);
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function foreign(status) {
    return { title: 'This is no answer of Heed', status, detail: 'Something else answers at that address.' };
}

function reason(fault, server) {
    if (fault.name === 'AbortError') return `${server} took longer than ${LONGEST_MS / 1000} s.`;
    return `${server} can't be reached: ${(fault.cause && (fault.cause.code || fault.cause.message)) || fault.message}.`;
}

module.exports = { call, Problem };
