// n8n's own rules over our package, as n8n's scanner applies them before it takes a package in.
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import parser from '@typescript-eslint/parser';

export default [
    {
        ...n8nCommunityNodesPlugin.configs.recommended,
        files: ['package.json', 'nodes/**/*.ts', 'credentials/**/*.ts', 'shared/**/*.ts'],
        languageOptions: { parser, parserOptions: { extraFileExtensions: ['.json'] } },
        linterOptions: { reportUnusedDisableDirectives: 'error' },
    },
];
