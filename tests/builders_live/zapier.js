'use strict';

// The app tester of Zapier's platform over one app, run in the app's folder; one command a run: JSON in, JSON out.
//   node zapier.js '{"do": "create", "key": "heed_…", "what": "check_consent", "input": {…}}'

const { createRequire } = require('node:module');
const path = require('node:path');

const own = createRequire(path.join(process.cwd(), 'index.js'));
const zapier = own('zapier-platform-core');
const app = own('./index.js');

const asked = JSON.parse(process.argv[2]);
const tester = zapier.createAppTester(app);
const bundle = { authData: { api_key: asked.key }, inputData: asked.input || {}, ...(asked.bundle || {}) };
const trigger = () => app.triggers[asked.what].operation;
const field = () => app.creates[asked.what].operation.inputFields.find((one) => one.key === asked.field);

const DO = {
  validate: () => own('zapier-platform-core/src/tools/schema').validateApp(app),
  'validate-definition': () => own('zapier-platform-schema').validateAppDefinition(own('./definition.json')).errors,
  test: () => tester(app.authentication.test, bundle),
  create: () => tester(app.creates[asked.what].operation.perform, bundle),
  choices: () => tester(field().choices.perform, bundle),
  subscribe: () => tester(trigger().performSubscribe, bundle),
  unsubscribe: () => tester(trigger().performUnsubscribe, bundle),
  list: () => tester(trigger().performList, bundle),
  perform: () => tester(trigger().perform, bundle),
};

// An error of the app reaches a person as message and status, packed into one text.
const told = (error) => {
  try {
    return JSON.parse(error.message);
  } catch {
    return { message: error.message, status: error.status || 0 };
  }
};

Promise.resolve()
  .then(() => DO[asked.do]())
  .then(
    (result) => ({ result }),
    (error) => ({ error: { name: error.name, ...told(error) } }),
  )
  .then((answer) => process.stdout.write(`\n${JSON.stringify(answer)}\n`));
