// The simulated backend with which a first trial works: what the README promises before there is a model.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { check, client } from './support/checks.mjs';
import { print } from './support/claude.mjs';
import { pdf, png } from './support/files.mjs';

client('Demonstration');

check('`dragoman` alone answers the first question of an SDK', async (stage) => {
  const gateway = await stage.demonstration();
  const sdk = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
  const message = await sdk.messages.create({ model: 'my-first-model', max_tokens: 200, messages: [{ role: 'user', content: 'Hello' }] });
  assert.equal(message.content[0].type, 'text');
  assert.equal(message.stop_reason, 'end_turn');
  assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0, JSON.stringify(message.usage));
});

check('`dragoman simulate` lets Claude Code run the tools that the prompt asks for', async (stage) => {
  const space = stage.workspace();
  const file = path.join(space.project, 'gate.txt');
  const gateway = await stage.gateway(await stage.simulator(), { model: 'sim/demo' });
  const write = JSON.stringify({ file_path: file, content: 'open\n' });
  const cat = JSON.stringify({ command: `cat '${file}'`, description: 'Show it' });
  const prompt = `[[think I shall write first.]] [[text Writing.]] [[tool Write ${write}]] [[then]] [[tool Bash ${cat}]] [[tool Bash ${cat}]] [[then]] [[text All is done.]]`;
  const run = await print(space, gateway.url, prompt);
  assert.equal(run.isError, false, run.describe());
  assert.deepEqual(run.toolUses.map((use) => use.name), ['Write', 'Bash', 'Bash'], run.describe());
  assert.match(run.text, /All is done\./);
  assert.equal(fs.readFileSync(file, 'utf8'), 'open\n');
  assert.equal(run.toolResults.filter((result) => !result.is_error).length, 3, run.describe());
});

// Conversations that the simulator leads by itself, told from the client's side: docs/simulator.md, "Scripts".
const scripts = [
  ['bash-write-read-edit', /The file was written, read and edited\./],
  ['three-parallel', /Bash: four[\s\S]*Bash: five[\s\S]*Bash: six/],
  ['parallel-failures', /Bash: fine[\s\S]*Exit code 3[\s\S]*File does not exist/],
  ['subagent', /./, 'Agent'],
  ['thinking-roundtrip', /2 of my thoughts came back/],
  ['read-image', /shown 1 images/],
  ['read-pdf', /The interpreter stood at the gate/],
  ['overflow-then-compact-llamacpp', /The conversation was compacted, and goes on\./],
  ['error-then-ok', /It worked at the second try\./],
  ['cut-mid-tool', /this was cut once/],
  ['non-stream-fallback', /Answered without streaming\./],
  ['broken-arguments', /Bash: repaired/],
  ['unknown-tool', /Bash: a real one/],
  ['many-calls-20', /Bash: step 20/],
];

for (const [script, expected, tool] of scripts) {
  check(`Claude Code plays the script ${script}`, async (stage) => {
    const space = stage.workspace();
    fs.writeFileSync(path.join(space.project, 'image.png'), png());
    fs.writeFileSync(path.join(space.project, 'document.pdf'), pdf('The interpreter stood at the gate'));
    const gateway = await stage.gateway(await stage.simulator(), { model: 'sim/demo', options: ['--dialect', 'vllm'] });
    const run = await print(space, gateway.url, `[[script ${script}]]`);
    assert.equal(run.isError, false, run.describe());
    assert.match(run.text, expected, run.describe());
    if (tool) assert.ok(run.toolUses.some((use) => use.name === tool), run.describe());
  });
}
