'use strict';

const { PieceAuth, Property } = require('@activepieces/pieces-framework');
const { server } = require('../service.json');
const { call } = require('./service');

const auth = PieceAuth.CustomAuth({
  description: 'An API key of your Heed, with the scopes that the flow needs.',
  required: true,
  props: {
    server: Property.ShortText({ displayName: 'Address', description: 'Where your Heed answers.', required: true, defaultValue: server }),
    key: PieceAuth.SecretText({ displayName: 'API key', required: true }),
  },
  validate: async ({ auth: given }) => {
    try {
      await call(given, 'GET', '/v1/me');
      return { valid: true };
    } catch (error) {
      return { valid: false, error: error.message };
    }
  },
});

module.exports = { auth };
