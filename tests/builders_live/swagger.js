'use strict';

// @apidevtools/swagger-parser over a document: {"faults": null} or what it says.

const { createRequire } = require('node:module');
const path = require('node:path');

const own = createRequire(path.join(process.cwd(), 'package.json'));
const parser = own('@apidevtools/swagger-parser');

parser.validate(JSON.parse(process.argv[2]).file).then(
  () => process.stdout.write('{"faults": null}\n'),
  (error) => process.stdout.write(`${JSON.stringify({ faults: error.message })}\n`),
);
