// A backend that speaks Chat Completions and says exactly what a check tells it to. It is written apart from the
// gateway and from its simulator, so that a misreading of the protocol cannot hide by being made twice.
//
// A turn is a list of steps:
//   { text }, { reasoning }, { call: { id, name, arguments } }   what the model says
//   { usage: { prompt_tokens, completion_tokens } }              what the answer is said to have cost
//   { wait: milliseconds }, { cut: true }, { hang: true }        silence, a dropped connection, an answer that never ends
//   { finish: reason }                                           else tool_calls or stop, as the steps ask for
//   { status, error, headers }                                   refuse the request instead
import http from 'node:http';

/** Starts a backend. `turns` is one turn a request, the last one repeated, or a function (body, index) => turn. */
export async function startBackend(turns) {
  const requests = [];
  const server = http.createServer((request, response) => handle(request, response).catch(() => response.destroy()));

  async function handle(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'GET') return json(response, 200, { object: 'list', data: [{ id: 'scripted', object: 'model' }] });
    if (!request.url.endsWith('/chat/completions')) return json(response, 404, { error: { message: 'not found' } });

    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const index = requests.length;
    const record = { body, headers: request.headers, at: Date.now(), aborted: false, ended: false };
    requests.push(record);
    response.on('close', () => {
      if (!record.ended) record.aborted = true;
    });
    const turn = typeof turns === 'function' ? turns(body, index) : turns[Math.min(index, turns.length - 1)];
    const refusal = turn.find((step) => step.status);
    if (refusal) {
      record.ended = true;
      return json(response, refusal.status, { error: refusal.error }, refusal.headers);
    }
    await (body.stream ? stream(turn, body, response, record) : whole(turn, response, record));
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    requests,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function stream(turn, body, response, record) {
  const send = (delta, rest = {}) => event({ choices: [{ index: 0, delta, finish_reason: null, ...rest }] });
  const event = (chunk) => {
    const line = { id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 1, model: body.model, ...chunk };
    return response.write(`data: ${JSON.stringify(line)}\n\n`);
  };

  // A real model server answers with headers at once and with words later.
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  let called = 0;
  for (const step of turn) {
    if (step.wait) await new Promise((resolve) => setTimeout(resolve, step.wait));
    if (step.text) for (const piece of pieces(step.text)) send({ content: piece });
    if (step.reasoning) for (const piece of pieces(step.reasoning)) send({ reasoning_content: piece });
    if (step.call) {
      const { id, name, arguments: input } = step.call;
      send({ tool_calls: [{ index: called, id, type: 'function', function: { name, arguments: '' } }] });
      for (const piece of pieces(text(input))) send({ tool_calls: [{ index: called, function: { arguments: piece } }] });
      called++;
    }
    if (step.cut) {
      record.ended = true;
      // What was written is on its way before the connection goes.
      await new Promise((resolve) => response.write(': \n\n', resolve));
      return response.socket.resetAndDestroy();
    }
    if (step.hang) return;
  }
  send({}, { finish_reason: finishOf(turn, called) });
  if (body.stream_options?.include_usage) event({ choices: [], usage: usageOf(turn) });
  record.ended = true;
  response.end('data: [DONE]\n\n');
}

async function whole(turn, response, record) {
  const message = { role: 'assistant', content: null };
  for (const step of turn) {
    if (step.wait) await new Promise((resolve) => setTimeout(resolve, step.wait));
    if (step.text) message.content = (message.content ?? '') + step.text;
    if (step.reasoning) message.reasoning_content = (message.reasoning_content ?? '') + step.reasoning;
    if (step.call) {
      const { id, name, arguments: input } = step.call;
      (message.tool_calls ??= []).push({ id, type: 'function', function: { name, arguments: text(input) } });
    }
    if (step.cut) {
      record.ended = true;
      return response.socket.resetAndDestroy();
    }
    if (step.hang) return;
  }
  record.ended = true;
  const choice = { index: 0, message, finish_reason: finishOf(turn, message.tool_calls?.length ?? 0) };
  json(response, 200, { id: 'chatcmpl-scripted', object: 'chat.completion', created: 1, model: 'scripted', choices: [choice], usage: usageOf(turn) });
}

function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const text = (input) => (typeof input === 'string' ? input : JSON.stringify(input));
const pieces = (value) => value.match(/[\s\S]{1,7}/gu) ?? [];
const finishOf = (turn, called) => turn.find((step) => step.finish)?.finish ?? (called ? 'tool_calls' : 'stop');

function usageOf(turn) {
  const { prompt_tokens = 1000, completion_tokens = 20 } = turn.find((step) => step.usage)?.usage ?? {};
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
