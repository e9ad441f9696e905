'use strict';

const { createPiece } = require('@activepieces/pieces-framework');
const { runAction } = require('./action');
const { auth } = require('./auth');
const { newEvent } = require('./trigger');

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0f766e" stroke-width="2">' +
  '<circle cx="12" cy="12" r="10"/><path d="M7 12l3.5 3.5L17 9"/></svg>';

exports.heed = createPiece({
  displayName: 'Heed',
  description: 'Opt-outs, heeded in every flow.',
  logoUrl: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
  authors: [],
  auth,
  actions: [runAction],
  triggers: [newEvent],
});
