// node main.mjs [--long] [part of a check's name]
import { runAll } from './support/checks.mjs';

await import('./claude-code.mjs');
await import('./anthropic-sdk.mjs');
await import('./ai-sdk.mjs');
await import('./demonstration.mjs');

const only = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
process.exit((await runAll(only)) ? 0 : 1);
