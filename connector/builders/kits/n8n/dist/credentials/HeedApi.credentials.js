'use strict';
const { server } = require('../service.json');

/** The service and the key to it; its test asks whose key it is. */
class HeedApi {
    name = 'heedApi';
    displayName = 'Heed API';
    icon = { light: 'file:heed.svg', dark: 'file:heed.dark.svg' };
    documentationUrl = `${server}/docs`;
    properties = [
        {
            displayName: 'Address',
            name: 'server',
            type: 'string',
            default: server,
            required: true,
            placeholder: 'https://heed.example',
            description: 'Of the Heed service',
        },
        {
            displayName: 'API Key',
            name: 'apiKey',
            type: 'string',
            typeOptions: { password: true },
            default: '',
            required: true,
            description: 'Needs read to look, write to opt people out and to subscribe, send to send',
        },
    ];
    authenticate = {
        type: 'generic',
        properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
    };
    test = { request: { baseURL: '={{$credentials.server.replace(/\\/+$/, "")}}', url: '/v1/me' } };
}

module.exports = { HeedApi };
