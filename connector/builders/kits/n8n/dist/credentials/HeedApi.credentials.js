'use strict';
const { server } = require('../service.json');

/** The service and the key to it; its test asks whose key it is. */
class HeedApi {
    constructor() {
        this.name = 'heedApi';
        this.displayName = 'Heed API';
        this.icon = 'file:heed.svg';
        this.documentationUrl = `${server}/docs`;
        this.properties = [
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
                name: 'key',
                type: 'string',
                typeOptions: { password: true },
                default: '',
                required: true,
                description: 'Needs read to look, write to opt people out and to subscribe, send to send',
            },
        ];
        this.authenticate = {
            type: 'generic',
            properties: { headers: { Authorization: '=Bearer {{$credentials.key}}' } },
        };
        this.test = { request: { baseURL: '={{$credentials.server.replace(/\\/+$/, "")}}', url: '/v1/me' } };
    }
}

module.exports = { HeedApi };
