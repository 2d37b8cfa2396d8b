// The AI SDK with its Anthropic provider, through the gateway.
import assert from 'node:assert/strict';
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { check, client } from './support/checks.mjs';

client('AI SDK');
globalThis.AI_SDK_LOG_WARNINGS = false;

const model = (gateway) => createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: 'client-token' })('any-model');
const tools = {
  get_weather: tool({
    description: 'Says how the weather is.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `${city}: sunny`,
  }),
};
const providerOptions = { anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } } };
const weather = (id, city) => ({ call: { id, name: 'get_weather', arguments: { city } } });

check('generateText', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: 'Hello.' }, { usage: { prompt_tokens: 7, completion_tokens: 2 } }]]);
  const answer = await generateText({ model: model(gateway), prompt: 'Hi' });
  assert.equal(answer.text, 'Hello.');
  assert.equal(answer.finishReason, 'stop');
  assert.equal(answer.usage.inputTokens, 7);
  assert.equal(answer.usage.outputTokens, 2);
  assert.equal(backend.requests.length, 1);
});

check('streamText with tools, in several steps', async (stage) => {
  const { backend, gateway } = await stage.pair([
    [{ reasoning: 'Two cities.' }, weather('call_0', 'Aleppo'), weather('call_1', 'Basra')],
    [weather('call_0', 'Mosul')],
    [{ text: 'Sunny everywhere.' }],
  ]);
  const answer = streamText({ model: model(gateway), prompt: 'How is it?', tools, stopWhen: stepCountIs(5), providerOptions, onError() {} });
  let heard = '';
  for await (const delta of answer.textStream) heard += delta;
  assert.equal(heard, 'Sunny everywhere.');
  const steps = await answer.steps;
  assert.deepEqual(steps.flatMap((step) => step.toolResults.map((result) => result.output)), ['Aleppo: sunny', 'Basra: sunny', 'Mosul: sunny']);
  assert.equal(steps[0].reasoningText, 'Two cities.');
  const last = backend.requests.at(-1).body.messages;
  assert.deepEqual(last.filter((one) => one.role === 'tool').map((one) => one.content), ['Aleppo: sunny', 'Basra: sunny', 'Mosul: sunny']);
});

check('generateObject', async (stage) => {
  const { gateway } = await stage.pair((body) => {
    // By schema or by a tool named json, as the provider likes.
    const name = body.tools?.[0]?.function.name;
    return name ? [{ call: { id: 'call_0', name, arguments: { city: 'Aleppo', gates: 9 } } }] : [{ text: '{"city":"Aleppo","gates":9}' }];
  });
  const answer = await generateObject({ model: model(gateway), prompt: 'Which city?', schema: z.object({ city: z.string(), gates: z.number() }) });
  assert.deepEqual(answer.object, { city: 'Aleppo', gates: 9 });
});

check('a stream that breaks off is an error', async (stage) => {
  const { gateway } = await stage.pair([[{ text: 'This will bre' }, { cut: true }]]);
  const errors = [];
  const answer = streamText({ model: model(gateway), prompt: 'Hi', maxRetries: 0, onError: ({ error }) => errors.push(error) });
  for await (const _ of answer.textStream);
  assert.equal(errors.length, 1);
});
