// A caller with the types that openapi-typescript makes of Heed's description: one call a run, JSON in, JSON out.

import createClient from 'openapi-fetch';
import type { components, paths } from './heed';

type Send = components['schemas']['send_with_suppression_input'];
type Asked = { url: string; key: string; idempotency?: string; body: Send };

declare const process: { argv: string[]; stdout: { write(text: string): void } };
const asked: Asked = JSON.parse(process.argv[2]!);
const heed = createClient<paths>({ baseUrl: asked.url, headers: { Authorization: `Bearer ${asked.key}` } });

const send = async () => {
  const header = asked.idempotency ? { 'Idempotency-Key': asked.idempotency } : {};
  const { data, error, response } = await heed.POST('/v1/actions/send_with_suppression', {
    body: asked.body,
    params: { header },
  });
  const replayed = response.headers.get('Idempotency-Replayed') === 'true';
  if (error) return { status: response.status, body: error, shown: `${error.title} ${error.detail}`, replayed };
  const suppressed: number = data.suppressed;
  const first: string | undefined = data.results[0]?.reasons[0]?.code;
  return { status: response.status, body: data, shown: `${suppressed} ${first ?? ''}`, replayed };
};

// The other actions with the fields that most people come for; what does not exist does not compile.
export const others = async () => {
  const number = '+14155550123';
  const added = await heed.POST('/v1/actions/add_to_opt_out', { body: { number, lists: ['default'] } });
  const checked = await heed.POST('/v1/actions/check_consent', { body: { number, require_opt_in: 'explicit' } });
  const opted = await heed.POST('/v1/actions/record_opt_in', { body: { number, evidence: { form: { page: 1 } } } });
  // @ts-expect-error there is no such channel
  await heed.POST('/v1/actions/check_consent', { body: { number, channel: 'pigeon' } });
  return [added.data?.results[0]?.status, checked.data?.allowed, opted.data?.settled];
};

send().then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
