'use strict';

// The piece as Activepieces' engine would call it, run in the piece's folder without a server; one command a run.
//   node activepieces.js '{"do": "run", "auth": {…}, "props": {…}, "run": "run-1", "store": {…}}'

const { createRequire } = require('node:module');
const path = require('node:path');

const own = createRequire(path.join(process.cwd(), 'package.json'));
const framework = own('@activepieces/pieces-framework');
const { heed } = own('./src/index.js');

const asked = JSON.parse(process.argv[2]);
const kept = new Map(Object.entries(asked.store || {}));
const store = {
  get: async (key) => kept.get(key) ?? null,
  put: async (key, value) => kept.set(key, value) && value,
  delete: async (key) => void kept.delete(key),
};
const auth = { type: 'CUSTOM_AUTH', props: asked.auth };
const action = heed.getAction('run_action');
const trigger = heed.getTrigger('new_event');
const context = {
  ...framework.createMockActionContext({ propsValue: asked.props || {} }),
  auth,
  store,
  run: { id: asked.run || 'run-1' },
  step: { name: asked.step || 'step_1' },
  webhookUrl: asked.webhookUrl,
  payload: asked.payload,
};

const DO = {
  metadata: () => {
    const { actions, triggers, auth: connection, ...rest } = heed.metadata();
    return { ...rest, actions: Object.keys(actions), triggers: Object.keys(triggers), auth: connection.type };
  },
  validate: () => heed.auth.validate({ auth: asked.auth }),
  actions: () => action.props.action.options({ auth: asked.disconnected ? undefined : auth }, {}),
  events: () => trigger.props.event.options({ auth }, {}),
  form: () => action.props.input.props({ auth, action: asked.props.action }, {}),
  // What the framework's own schema thinks of the form.
  'form-faults': async () => {
    const drawn = await action.props.input.props({ auth, action: asked.props.action }, {});
    const judged = framework.DynamicPropsValue.safeParse(drawn);
    return { form: drawn, faults: judged.success ? [] : judged.error.issues };
  },
  run: () => action.run(context),
  enable: () => trigger.onEnable(context),
  disable: () => trigger.onDisable(context),
  hear: () => trigger.run(context),
  test: () => trigger.test(context),
};

Promise.resolve()
  .then(() => DO[asked.do]())
  .then(
    (result) => ({ result: result === undefined ? null : result }),
    (error) => ({ error: { message: error.message, status: error.status || 0, body: error.problem || null } }),
  )
  .then((answer) => process.stdout.write(`\n${JSON.stringify({ ...answer, store: Object.fromEntries(kept) })}\n`));
