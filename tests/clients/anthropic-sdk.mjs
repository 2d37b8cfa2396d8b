// Anthropic's own TypeScript SDK, through the gateway.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { check, client, until } from './support/checks.mjs';

client('Anthropic SDK');

const sdk = (gateway, options = {}) => new Anthropic({ baseURL: gateway.url, apiKey: 'client-token', maxRetries: 0, ...options });
const ask = (content) => ({ model: 'any-model', max_tokens: 500, messages: [{ role: 'user', content }] });
const weather = (id, city) => ({ call: { id, name: 'get_weather', arguments: { city } } });
const thinking = { type: 'adaptive' };
const weatherTool = {
  name: 'get_weather',
  description: 'Says how the weather is.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

check('messages.create', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: 'Hello.' }, { usage: { prompt_tokens: 12, completion_tokens: 3 } }]]);
  const message = await sdk(gateway).messages.create({ ...ask('Hi'), system: 'Be brief.', temperature: 0.5, stop_sequences: ['END'] });
  assert.equal(message.type, 'message');
  assert.equal(message.role, 'assistant');
  assert.match(message.id, /^msg_/);
  assert.deepEqual(message.content.map(({ type, text }) => ({ type, text })), [{ type: 'text', text: 'Hello.' }]);
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.usage.input_tokens, 12);
  assert.equal(message.usage.output_tokens, 3);
  const [{ body }] = backend.requests;
  assert.equal(body.messages[0].role, 'system');
  assert.equal(body.temperature, 0.5);
  assert.deepEqual([body.stop].flat(), ['END']);
  assert.equal(body.max_completion_tokens ?? body.max_tokens, 500);
});

check('messages.stream: text, thinking and parallel calls end as one message', async (stage) => {
  const { gateway } = await stage.pair([[{ reasoning: 'Two cities.' }, { text: 'Let me look.' }, weather('call_0', 'Aleppo'), weather('call_1', 'Ürümqi')]]);
  const stream = sdk(gateway).messages.stream({ ...ask('How is it there?'), tools: [weatherTool], thinking });
  let heard = '';
  stream.on('text', (delta) => (heard += delta));
  const message = await stream.finalMessage();
  assert.equal(heard, 'Let me look.');
  assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text', 'tool_use', 'tool_use']);
  assert.equal(message.content[0].thinking, 'Two cities.');
  assert.deepEqual(message.content.slice(2).map((block) => block.input), [{ city: 'Aleppo' }, { city: 'Ürümqi' }]);
  assert.equal(message.stop_reason, 'tool_use');
});

check('a whole answer and a streamed one are the same message', async (stage) => {
  const { gateway } = await stage.pair([[{ reasoning: 'Hm.' }, { text: 'Look:\n"quoted" \\ \u2028 🙂' }, weather('call_0', 'Aleppo')]]);
  const params = { ...ask('How is it there?'), tools: [weatherTool], thinking };
  const whole = await sdk(gateway).messages.create(params);
  const streamed = await sdk(gateway).messages.stream(params).finalMessage();
  const essence = ({ content, stop_reason, usage }) => ({
    content: content.map(({ type, text, thinking, name, input }) => ({ type, text, thinking, name, input })),
    stop_reason,
    tokens: [usage.input_tokens, usage.output_tokens],
  });
  assert.deepEqual(essence(streamed), essence(whole));
});

// The runner sends only what is new and counts on the server to keep the rest, unless it is told that threads are not to be had.
check('the tool runner loses no history', async (stage) => {
  const { backend, gateway } = await stage.pair([[weather('call_0', 'Aleppo')], [weather('call_0', 'Basra')], [{ text: 'Sunny, then dusty.' }]]);
  const asked = [];
  const tool = betaZodTool({
    name: 'get_weather',
    description: 'Says how the weather is.',
    inputSchema: z.object({ city: z.string() }),
    run({ city }) {
      asked.push(city);
      return city === 'Aleppo' ? 'sunny' : 'dusty';
    },
  });
  const message = await sdk(gateway).beta.messages.toolRunner({ ...ask('Compare the weather.'), tools: [tool] });
  assert.deepEqual(asked, ['Aleppo', 'Basra']);
  assert.equal(message.content.at(-1).text, 'Sunny, then dusty.');
  const last = backend.requests.at(-1).body.messages;
  assert.ok(last.some((one) => one.role === 'user' && JSON.stringify(one.content).includes('Compare the weather.')));
  assert.deepEqual(last.filter((one) => one.role === 'tool').map((one) => one.content), ['sunny', 'dusty']);
});

check('messages.parse asks for the schema and reads the object', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: '{"city":"Aleppo","gates":9}' }]]);
  const format = zodOutputFormat(z.object({ city: z.string(), gates: z.number() }));
  const message = await sdk(gateway).messages.parse({ ...ask('Which city?'), output_config: { format } });
  assert.deepEqual(message.parsed_output, { city: 'Aleppo', gates: 9 });
  const { response_format: asked } = backend.requests[0].body;
  assert.equal(asked?.type, 'json_schema');
  assert.deepEqual(Object.keys(asked.json_schema.schema.properties), ['city', 'gates']);
});

check('each refusal of a backend becomes the error class that it means', async (stage) => {
  const refusals = [
    [400, { message: 'temperature must be below 2', type: 'invalid_request_error' }, Anthropic.BadRequestError],
    [429, { message: 'Slow down', type: 'requests' }, Anthropic.RateLimitError],
    [500, { message: 'Out of luck', type: 'server_error' }, Anthropic.InternalServerError],
  ];
  for (const [status, error, expected] of refusals) {
    const { gateway } = await stage.pair([[{ status, error }]]);
    await assert.rejects(sdk(gateway).messages.create(ask('Hi')), (thrown) => {
      assert.ok(thrown instanceof expected, `${status} became ${thrown.constructor.name}: ${thrown.message}`);
      assert.equal(thrown.error?.type, 'error', JSON.stringify(thrown.error));
      assert.ok(thrown.requestID, 'no request-id');
      return true;
    });
  }
});

check('two web searches, a fetch and a call of the client in one turn, streamed and whole', async (stage) => {
  const search = await stage.search();
  const searches = ['rain', 'sun'].map((query, index) => ({ call: { id: `call_${index}`, name: 'web_search', arguments: { query } } }));
  const fetch = { call: { id: 'call_2', name: 'web_fetch', arguments: { url: search.page } } };
  const { gateway } = await stage.pair((body) => {
    const results = body.messages.filter(({ role }) => role === 'tool').length;
    return results === 0 ? [{ text: 'Let me look.' }, ...searches, fetch, weather('call_3', 'Aleppo')] : [{ text: 'It rains.[cite:1] Bye.' }];
  }, { options: [...search.options, ...search.fetching] });
  const tools = [
    { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }, { type: 'web_fetch_20250910', name: 'web_fetch' }, weatherTool,
  ];
  const params = { ...ask(`How is it there? See ${search.page}.`), tools };
  const streamed = await sdk(gateway).messages.stream(params).finalMessage();
  const whole = await sdk(gateway).messages.create(params);
  for (const message of [streamed, whole]) {
    assert.deepEqual(message.content.map(({ type }) => type),
      ['text', 'server_tool_use', 'server_tool_use', 'server_tool_use', 'web_search_tool_result', 'web_search_tool_result', 'web_fetch_tool_result',
        'tool_use']);
    assert.deepEqual(message.content.slice(1, 3).map(({ input }) => input), [{ query: 'rain' }, { query: 'sun' }]);
    assert.deepEqual(message.content[4].content.map(({ url }) => url), ['https://gates.example/nine', 'https://walls.example/']);
    assert.equal(message.stop_reason, 'tool_use');
    assert.equal(message.content[6].content.content.source.data, 'The page itself.');
    assert.equal(message.usage.server_tool_use.web_search_requests, 2);
    assert.equal(message.usage.server_tool_use.web_fetch_requests, 1);
    const result = { type: 'tool_result', tool_use_id: message.content[7].id, content: 'sunny' };
    const messages = [...params.messages, { role: 'assistant', content: message.content }, { role: 'user', content: [result] }];
    const next = await sdk(gateway).messages.stream({ ...params, messages }).finalMessage();
    assert.deepEqual(next.content.map(({ text: said }) => said), ['It rains.', ' Bye.']);
    assert.equal(next.content[0].citations[0].url, 'https://gates.example/nine');
  }
  assert.deepEqual([...new Set(search.queries)].sort(), ['rain', 'sun']);
});

check('a request that is wrong is refused with the place of the fault', async (stage) => {
  const { gateway } = await stage.pair([[{ text: 'never' }]]);
  const wrong = { ...ask('Hi'), messages: [{ role: 'user', content: [{ type: 'text', text: 42 }] }] };
  await assert.rejects(sdk(gateway).messages.create(wrong), (thrown) => {
    assert.equal(thrown.status, 400, thrown.message);
    assert.equal(thrown.error.error.type, 'invalid_request_error');
    assert.match(thrown.error.error.message, /messages[.[]0\]?[.]content/);
    return true;
  });
});

check('a stream that breaks off throws and never ends in a message', async (stage) => {
  const { gateway } = await stage.pair([[{ text: 'This will bre' }, { cut: true }]]);
  await assert.rejects(sdk(gateway).messages.stream(ask('Hi')).finalMessage(), Anthropic.APIError);
});

for (const [name, turn] of [['in mid-stream', [{ text: 'Once' }, { hang: true }]], ['before the first word', [{ hang: true }]]]) {
  check(`aborting ${name} stops the backend`, async (stage) => {
    const { backend, gateway } = await stage.pair([turn]);
    const stream = sdk(gateway).messages.stream(ask('A story, please'));
    stream.on('error', () => {});
    stream.on('abort', () => {});
    let heard = '';
    stream.on('text', (delta) => (heard += delta));
    const ended = stream.done().catch(() => {});
    await until(() => backend.requests.length > 0 && heard === (turn[0].text ?? ''), 'the upstream request');
    stream.abort();
    await until(() => backend.requests[0].aborted, 'the end of the upstream request', 10_000);
    await ended;
  });
}

check('count_tokens, models.list and models.retrieve', async (stage) => {
  const { gateway } = await stage.pair([[{ text: 'never' }]]);
  const client = sdk(gateway);
  const count = await client.messages.countTokens({ model: 'any-model', messages: [{ role: 'user', content: 'How many tokens has this sentence?' }] });
  assert.ok(count.input_tokens >= 5 && count.input_tokens <= 40, `${count.input_tokens} tokens`);
  const page = await client.models.list();
  assert.ok(page.data.length > 0);
  const model = await client.models.retrieve(page.data[0].id);
  assert.equal(model.id, page.data[0].id);
  assert.equal(model.type, 'model');
});
