// The real Claude Code, through the gateway, on a backend that says what each check tells it to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { check, client, long, skip, until } from './support/checks.mjs';
import { interactive, older, print, startPrint } from './support/claude.mjs';
import { pdf, png } from './support/files.mjs';
import { hasTmux } from './support/terminal.mjs';

client('Claude Code');

const call = (id, name, input) => ({ call: { id, name, arguments: input } });
const bash = (id, command) => call(id, 'Bash', { command, description: 'Run it' });
const text = (content) => (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n'));
const toolMessages = (request) => request.body.messages.filter((message) => message.role === 'tool');

/** Every tool message answers a call of the assistant message before it, and every call is answered once. */
function assertCallsAreAnswered({ body }) {
  let open = new Set();
  for (const message of body.messages) {
    if (message.role === 'tool') {
      assert.ok(open.delete(message.tool_call_id), `a result for ${message.tool_call_id}, which nobody asked for`);
      continue;
    }
    assert.equal(open.size, 0, `calls without a result: ${[...open]}`);
    open = new Set((message.tool_calls ?? []).map((one) => one.id));
    assert.equal(open.size, message.tool_calls?.length ?? 0, 'two calls of one message have the same id');
  }
  assert.equal(open.size, 0, `calls without a result: ${[...open]}`);
}

/** Each request begins with the messages of the one before, so that the backend's prefix cache holds. */
function assertPrefixesAreStable(requests) {
  for (let i = 1; i < requests.length; i++) {
    const before = requests[i - 1].body.messages;
    assert.deepEqual(requests[i].body.messages.slice(0, before.length), before, `request ${i + 1} rewrites what was said before`);
  }
}

check('a question is answered', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: 'Bonjour, voilà: 你好 🙂' }, { usage: { prompt_tokens: 1234, completion_tokens: 56 } }]]);
  const run = await print(stage.workspace(), gateway.url, 'Say hello.');
  assert.equal(run.isError, false, run.describe());
  assert.equal(run.text, 'Bonjour, voilà: 你好 🙂');
  const { usage } = run.lines.findLast((line) => line.type === 'result');
  assert.equal(usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens, 1234);
  assert.equal(usage.output_tokens, 56);
  assert.equal(backend.requests.length, 1);
  const [{ body, headers }] = backend.requests;
  assert.ok(body.messages.some((message) => message.role === 'user' && text(message.content).includes('Say hello.')));
  assert.ok(!JSON.stringify(headers).includes('client-token'), "the caller's credential went to the backend");
});

check('Write, Read, Edit and Bash follow one another', async (stage) => {
  const space = stage.workspace();
  const file = path.join(space.project, 'notes.txt');
  const { backend, gateway } = await stage.pair([
    [{ text: 'I will write it.' }, call('call_w', 'Write', { file_path: file, content: 'one\ntwo\n' })],
    [call('call_r', 'Read', { file_path: file })],
    [call('call_e', 'Edit', { file_path: file, old_string: 'two', new_string: 'zwei' })],
    [bash('call_b', `cat '${file}'`)],
    [{ text: 'Written, read, edited and shown.' }],
  ]);
  const run = await print(space, gateway.url, 'Work on the notes.');
  assert.equal(run.isError, false, run.describe());
  assert.equal(run.text, 'Written, read, edited and shown.');
  assert.deepEqual(run.toolUses.map((use) => use.name), ['Write', 'Read', 'Edit', 'Bash']);
  assert.equal(fs.readFileSync(file, 'utf8'), 'one\nzwei\n');
  assert.equal(backend.requests.length, 5);
  assert.match(text(toolMessages(backend.requests[4]).at(-1).content), /one\s+zwei/);
  backend.requests.forEach(assertCallsAreAnswered);
  assertPrefixesAreStable(backend.requests);
});

// failures.md: ids that a backend uses again in the next turn, or twice in one, lose calls in this client.
check('three parallel calls whose ids come again in the next turn are all run', async (stage) => {
  const three = (turn) => [0, 1, 2].map((i) => bash(`call_${i}`, `echo turn ${turn} call ${i}`));
  const { backend, gateway } = await stage.pair([three(1), three(2), [{ text: 'Six calls.' }]]);
  const run = await print(stage.workspace(), gateway.url, 'Call them.');
  assert.equal(run.text, 'Six calls.', run.describe());
  // The client may send results in the order in which they came; each has to stand for its own call.
  const calls = backend.requests[2].body.messages.flatMap((message) => message.tool_calls ?? []);
  assert.equal(calls.length, 6);
  for (const one of calls) {
    const result = toolMessages(backend.requests[2]).filter((message) => message.tool_call_id === one.id)
      .find((message) => one.function.arguments.includes(`echo ${text(message.content).trim()}`));
    assert.ok(result, `no result for ${one.function.arguments}`);
  }
  assert.equal(new Set(run.toolUses.map((use) => use.id)).size, 6);
  backend.requests.forEach(assertCallsAreAnswered);
  assertPrefixesAreStable(backend.requests);
});

check('a failing command comes back as a failed result', async (stage) => {
  const { backend, gateway } = await stage.pair([[bash('call_0', 'echo out of paper; exit 3')], [{ text: 'It failed.' }]]);
  const run = await print(stage.workspace(), gateway.url, 'Print.');
  assert.equal(run.text, 'It failed.', run.describe());
  assert.equal(run.toolResults[0].is_error, true);
  assert.match(text(toolMessages(backend.requests[1])[0].content), /Exit code 3[\s\S]*out of paper/);
});

check('ToolSearch loads a deferred tool', async (stage) => {
  const { backend, gateway } = await stage.pair([[call('call_s', 'ToolSearch', { query: 'select:WebFetch' })], [{ text: 'Found it.' }]]);
  const run = await print(stage.workspace(), gateway.url, 'Find the tool.');
  assert.equal(run.text, 'Found it.', run.describe());
  const offered = backend.requests.map(({ body }) => body.tools.map((tool) => tool.function.name));
  assert.ok(offered[0].includes('ToolSearch') && !offered[0].includes('WebFetch'), offered[0].join());
  assert.ok(offered[1].includes('WebFetch'), offered[1].join());
  assert.ok(!offered.flat().some((name) => name.includes('Placeholder')), 'a tool that does not exist was offered');
  assert.match(text(toolMessages(backend.requests[1])[0].content), /WebFetch/);
});

check('thinking is shown and goes back to the backend that thought it', async (stage) => {
  const { backend, gateway } = await stage.pair([
    [{ reasoning: 'The user wants a greeting; the shell can do that.' }, bash('call_0', 'echo hi')],
    [{ reasoning: 'It said hi.' }, { text: 'It greets.' }],
  ], { options: ['--dialect', 'deepseek'] });
  const run = await print(stage.workspace(), gateway.url, 'Greet.');
  assert.equal(run.text, 'It greets.', run.describe());
  assert.equal(run.thinking[0].thinking, 'The user wants a greeting; the shell can do that.');
  assert.ok(run.thinking[0].signature, 'a thinking block without a signature');
  const spoken = backend.requests[1].body.messages.find((message) => message.role === 'assistant');
  assert.equal(spoken.reasoning_content ?? spoken.reasoning, 'The user wants a greeting; the shell can do that.');
});

check('an image that Read returns is seen by the backend', async (stage) => {
  const space = stage.workspace();
  const file = path.join(space.project, 'grey.png');
  fs.writeFileSync(file, png());
  const { backend, gateway } = await stage.pair([[call('call_i', 'Read', { file_path: file })], [{ text: 'A grey square.' }]]);
  const run = await print(space, gateway.url, 'Look at it.');
  assert.equal(run.text, 'A grey square.', run.describe());
  const parts = backend.requests[1].body.messages.flatMap((message) => (Array.isArray(message.content) ? message.content : []));
  const [image] = parts.filter((part) => part.type === 'image_url');
  assert.match(image?.image_url.url ?? '', /^data:image\/png;base64,iVBOR/);
  assertCallsAreAnswered(backend.requests[1]);
});

check('a PDF that Read returns is seen by the backend', async (stage) => {
  const space = stage.workspace();
  const file = path.join(space.project, 'letter.pdf');
  fs.writeFileSync(file, pdf('The interpreter stood at the gate'));
  const { backend, gateway } = await stage.pair([[call('call_p', 'Read', { file_path: file })], [{ text: 'A letter.' }]]);
  const run = await print(space, gateway.url, 'Read the letter.');
  assert.equal(run.text, 'A letter.', run.describe());
  const parts = backend.requests[1].body.messages.flatMap((message) => (Array.isArray(message.content) ? message.content : []));
  const asFile = parts.some((part) => part.type === 'file' && /^data:application\/pdf;base64,JVBER/.test(part.file.file_data));
  const asText = backend.requests[1].body.messages.some((message) => text(message.content).includes('The interpreter stood at the gate'));
  assert.ok(asFile || asText, JSON.stringify(backend.requests[1].body.messages.slice(-3)).slice(0, 2000));
  assertCallsAreAnswered(backend.requests[1]);
});

check('a context that is too long is compacted and the work goes on', async (stage) => {
  let overflown = false;
  const { backend, gateway } = await stage.pair((body, index) => {
    if (index < 3) return [{ text: `Step ${index}.` }, bash(`call_${index}`, `echo step ${index}`)];
    if (JSON.stringify(body.messages.at(-1)).includes('detailed summary')) return [{ text: '<summary>Three steps were made.</summary>' }];
    if (overflown) return [{ text: 'Went on after the summary.' }];
    overflown = true;
    const message = "This model's maximum context length is 8192 tokens. However, your messages resulted in 20011 tokens. Please reduce the length of the messages.";
    return [{ status: 400, error: { message, type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' } }];
  });
  const run = await print(stage.workspace(), gateway.url, 'Make the steps.');
  assert.equal(run.isError, false, run.describe());
  assert.equal(run.text, 'Went on after the summary.', run.describe());
  assert.ok(run.lines.some((line) => line.subtype === 'compact_boundary'), run.describe());
  const last = backend.requests.at(-1).body.messages;
  assert.ok(last.some((message) => text(message.content).includes('Three steps were made.')));
  assertCallsAreAnswered(backend.requests.at(-1));
});

check('a backend that is busy is asked again when it said', async (stage) => {
  const { backend, gateway } = await stage.pair([
    [{ status: 429, headers: { 'retry-after': '2' }, error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }],
    [{ text: 'Now.' }],
  ]);
  const run = await print(stage.workspace(), gateway.url, 'Go.');
  assert.equal(run.text, 'Now.', run.describe());
  assert.equal(backend.requests.length, 2);
  const waited = backend.requests[1].at - backend.requests[0].at;
  assert.ok(waited >= 1900 && waited < 20_000, `asked again after ${waited} ms`);
});

check('a call that is cut off is never run', async (stage) => {
  const space = stage.workspace();
  const half = path.join(space.project, 'half');
  const { gateway } = await stage.pair((body, index) =>
    index === 0
      ? [{ text: 'I will touch it.' }, call('call_0', 'Bash', `{"description":"Touch","command":"touch '${half}' '${half}-and-`), { cut: true }]
      : [{ text: 'Went on.' }]);
  const run = await print(space, gateway.url, 'Touch it.');
  assert.equal(run.isError, false, run.describe());
  assert.match(run.text, /Went on\./);
  assert.equal(run.toolResults.length, 0, run.describe());
  assert.deepEqual(fs.readdirSync(space.project), []);
});

check('a stream that breaks in its text is answered again without streaming', async (stage) => {
  const { backend, gateway } = await stage.pair((body) => (body.stream ? [{ text: 'This will bre' }, { cut: true }] : [{ text: 'Said in one piece.' }]));
  const run = await print(stage.workspace(), gateway.url, 'Say it.');
  assert.equal(run.isError, false, run.describe());
  assert.match(run.text, /Said in one piece\.$/);
  assert.ok(backend.requests.some(({ body }) => !body.stream));
});

const silence = long ? 60_000 : 16_000;

check(`${silence / 1000} s of silence before the first word do not end the turn`, async (stage) => {
  const { backend, gateway } = await stage.pair([[{ wait: silence }, { text: 'I had to think.' }]]);
  // The client gives up when it has not had a byte for 13 s: only pings carry it over the silence.
  const env = { CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS: '13000', CLAUDE_STREAM_IDLE_TIMEOUT_MS: '13000' };
  const run = await print(stage.workspace(), gateway.url, 'Think.', { env, timeout: silence + 60_000 });
  assert.equal(run.text, 'I had to think.', run.describe());
  assert.equal(backend.requests.length, 1, 'the turn was asked for again');
}, { timeout: silence + 90_000 });

check('stopping the client stops the backend', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: 'Once upon a time' }, { hang: true }]]);
  const run = startPrint(stage.workspace(), gateway.url, 'Tell a story.', { args: ['--include-partial-messages'] });
  await until(() => run.output().includes('Once'), 'the first words');
  run.child.kill('SIGINT');
  await until(() => backend.requests[0].aborted, 'the end of the upstream request', 10_000);
  await run.result;
});

check('an answer cut by its length is resumed', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: 'The first half' }, { finish: 'length' }], [{ text: ' and the second.' }]]);
  const run = await print(stage.workspace(), gateway.url, 'Talk.');
  assert.equal(run.isError, false, run.describe());
  assert.equal(backend.requests.length, 2);
  assert.match(run.text, /and the second\./);
});

check('--json-schema gives the object asked for', async (stage) => {
  const { gateway } = await stage.pair([[call('call_0', 'StructuredOutput', { city: 'Aleppo', gates: 9 })], [{ text: 'Done.' }]]);
  const schema = { type: 'object', properties: { city: { type: 'string' }, gates: { type: 'integer' } }, required: ['city', 'gates'], additionalProperties: false };
  const run = await print(stage.workspace(), gateway.url, 'Which city?', { args: ['--json-schema', JSON.stringify(schema)] });
  const result = run.lines.findLast((line) => line.type === 'result');
  assert.deepEqual(result.structured_output, { city: 'Aleppo', gates: 9 }, run.describe());
});

check('a session goes on through a gateway that knows nothing of it', async (stage) => {
  const space = stage.workspace();
  const backend = await stage.backend([
    [{ reasoning: 'A command is needed.' }, bash('call_0', 'echo remembered')],
    [{ text: 'First answer.' }],
    [bash('call_0', 'echo again')],
    [{ text: 'Second answer.' }],
  ]);
  const first = await stage.gateway(backend);
  const run = await print(space, first.url, 'Begin.');
  assert.equal(run.text, 'First answer.', run.describe());
  const second = await stage.gateway(backend);
  const resumed = await print(space, second.url, 'Go on.', { args: ['--continue'] });
  assert.equal(resumed.text, 'Second answer.', resumed.describe());
  const results = toolMessages(backend.requests[3]).map((message) => text(message.content).trim());
  assert.deepEqual(results, ['remembered', 'again']);
  backend.requests.forEach(assertCallsAreAnswered);
});

check("a backend that refuses the gateway's key is not the user's fault", async (stage) => {
  const { backend, gateway } = await stage.pair([[{ status: 401, error: { message: 'Incorrect API key provided: sk-secret-1234', type: 'invalid_request_error', code: 'invalid_api_key' } }]]);
  const run = await print(stage.workspace(), gateway.url, 'Go.', { env: { CLAUDE_CODE_MAX_RETRIES: '1' } });
  assert.equal(run.isError, true);
  assert.doesNotMatch(run.text, /login/i);
  assert.ok(!run.describe().includes('sk-secret'), run.describe());
  assert.ok(!run.describe().includes(new URL(backend.url).host), run.describe());
});

check('Escape in the terminal stops the backend, and the session goes on', async (stage) => {
  if (!hasTmux()) skip('tmux is not installed');
  const space = stage.workspace();
  const { backend, gateway } = await stage.pair((body, index) => (index === 0 ? [{ text: 'Once upon a time\n\nthere was a gate' }, { hang: true }] : [{ text: 'Another story.' }]));
  const terminal = stage.keep(interactive(space, gateway.url));
  await terminal.shows(/❯|>/);
  terminal.type('Tell a story');
  await terminal.shows(/Tell a story/);
  terminal.press('Enter');
  await terminal.shows(/Once upon a time/);
  terminal.press('Escape');
  await until(() => backend.requests[0].aborted, 'the end of the upstream request', 10_000);
  await terminal.shows(/Interrupted/);
  terminal.type('Another one');
  await terminal.shows(/Another one/);
  terminal.press('Enter');
  await terminal.shows(/Another story\./);
  assertCallsAreAnswered(backend.requests.at(-1));
});

check('/context is counted without asking the model', async (stage) => {
  const { backend, gateway } = await stage.pair([[{ text: 'never' }]]);
  const run = await print(stage.workspace(), gateway.url, '/context');
  assert.equal(run.isError, false, run.describe());
  const [, thousands] = run.text.match(/Tokens:\*\* ([\d.]+)k/) ?? [];
  assert.ok(thousands > 5 && thousands < 100, run.text);
  assert.equal(backend.requests.length, 0);
});

// failures.md O5: a search that cannot be had fails once and visibly, so that the model takes another tool.
check('WebSearch without a search provider fails once and visibly', async (stage) => {
  const { backend, gateway } = await stage.pair([
    [call('call_0', 'ToolSearch', { query: 'select:WebSearch' })],
    [call('call_1', 'WebSearch', { query: 'gates of Aleppo' })],
    [{ text: 'Without a search, then.' }],
  ]);
  const run = await print(stage.workspace(), gateway.url, 'Search the web.', { args: ['--allowedTools', 'WebSearch'] });
  assert.equal(run.text, 'Without a search, then.', run.describe());
  assert.equal(backend.requests.length, 3, 'the search was put to the model');
  assert.match(text(toolMessages(backend.requests[2]).at(-1).content), /web_search|search/i);
  assert.equal(run.toolResults.at(-1).is_error, true, run.describe());
});

// failures.md I1, I2: "Did 1 search", its results used, and no loop.
check('WebSearch searches once and its results are used', async (stage) => {
  const search = await stage.search();
  const isSearching = (body) => body.messages.some((message) => text(message.content).includes('Perform a web search for the query'));
  const { backend, gateway } = await stage.pair((body) => {
    if (isSearching(body)) return [{ text: 'Aleppo has nine gates.[cite:1]' }];
    const results = toolMessages({ body }).length;
    return results === 0 ? [call('call_0', 'ToolSearch', { query: 'select:WebSearch' })]
      : results === 1 ? [call('call_1', 'WebSearch', { query: 'gates of Aleppo' })]
        : [{ text: 'Nine gates.' }];
  }, { options: search.options });
  const run = await print(stage.workspace(), gateway.url, 'Search the web.', { args: ['--allowedTools', 'WebSearch'] });
  assert.equal(run.text, 'Nine gates.', run.describe());
  assert.deepEqual(search.queries, ['gates of Aleppo']);
  assert.equal(backend.requests.filter(({ body }) => isSearching(body)).length, 1);
  const found = text(toolMessages(backend.requests.at(-1)).at(-1).content);
  assert.match(found, /https:\/\/gates\.example\/nine/);
  assert.match(found, /Aleppo has nine gates\./);
  assert.doesNotMatch(found, /\[cite/);
});

check('the terminal shows "Did 1 search"', async (stage) => {
  if (!hasTmux()) skip('tmux is not installed');
  const search = await stage.search();
  const { gateway } = await stage.pair((body) => {
    if (body.messages.some((message) => text(message.content).includes('Perform a web search for the query'))) return [{ text: 'Aleppo has nine gates.[cite:1]' }];
    const results = toolMessages({ body }).length;
    return results === 0 ? [call('call_0', 'ToolSearch', { query: 'select:WebSearch' })]
      : results === 1 ? [call('call_1', 'WebSearch', { query: 'gates of Aleppo' })]
        : [{ text: 'Nine gates.' }];
  }, { options: search.options });
  const terminal = stage.keep(interactive(stage.workspace(), gateway.url, { args: ['--allowedTools', 'WebSearch'] }));
  await terminal.shows(/❯|>/);
  terminal.type('How many gates?');
  await terminal.shows(/How many gates\?/);
  terminal.press('Enter');
  await terminal.shows(/Nine gates\./);
  await terminal.shows(/Did 1 search/);
});

check('WebSearch with a search service that is down says so once, and the model goes on', async (stage) => {
  const search = await stage.search({ status: 503 });
  const { backend, gateway } = await stage.pair((body) => {
    if (body.messages.some((message) => text(message.content).includes('Perform a web search for the query'))) return [{ text: 'No search was possible.' }];
    const results = toolMessages({ body }).length;
    return results === 0 ? [call('call_0', 'ToolSearch', { query: 'select:WebSearch' })]
      : results === 1 ? [call('call_1', 'WebSearch', { query: 'gates of Aleppo' })]
        : [{ text: 'Without a search, then.' }];
  }, { options: search.options });
  const run = await print(stage.workspace(), gateway.url, 'Search the web.', { args: ['--allowedTools', 'WebSearch'] });
  assert.equal(run.text, 'Without a search, then.', run.describe());
  assert.match(text(toolMessages(backend.requests.at(-1)).at(-1).content), /unavailable/);
});

check('version 2.0.76 works with tools', async (stage) => {
  const space = stage.workspace();
  const { backend, gateway } = await stage.pair((body) => {
    // It asks for titles and the like on the side.
    if (!body.messages.some((message) => text(message.content).includes('Count the gates.'))) return [{ text: 'Yes.' }];
    if (!body.tools?.length) return [{ text: 'Yes.' }];
    return body.messages.some((message) => message.role === 'tool') ? [{ text: 'Nine gates.' }] : [bash('call_0', 'echo nine'), bash('call_1', 'echo gates')];
  });
  const run = await print(space, gateway.url, 'Count the gates.', { executable: older });
  assert.equal(run.text, 'Nine gates.', run.describe());
  assert.deepEqual(run.toolResults.map((result) => result.content.trim()).sort(), ['gates', 'nine']);
  backend.requests.forEach(assertCallsAreAnswered);
});
