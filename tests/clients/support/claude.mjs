// Runs the real Claude Code in a home and a project folder of its own, away from the user's settings and network.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openTerminal } from './terminal.mjs';

const newest = [process.env.CLAUDE_CODE ?? 'claude'];

/** Version 2.0.76: older request shapes, and requests of its own beside the user's. */
export const older = [process.execPath, process.env.CLAUDE_CODE_2_0];

/** A folder that holds a home and a project, and is removed by `dispose`. */
export function workspace() {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-claude-')));
  const home = path.join(root, 'home');
  const project = path.join(root, 'project');
  fs.mkdirSync(path.join(home, '.claude'), { recursive: true });
  fs.mkdirSync(project);
  // Past the questions of a first start.
  const state = { hasCompletedOnboarding: true, projects: { [project]: { hasTrustDialogAccepted: true } } };
  fs.writeFileSync(path.join(home, '.claude.json'), JSON.stringify(state));
  // A client that was just ended may still be writing its last words.
  const dispose = () => fs.promises.rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  return { home, project, dispose };
}

/** What Claude Code is told about its surroundings: the gateway's address and nothing of the machine's. */
export function environment(space, gatewayUrl, extra = {}) {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    HOME: space.home,
    TMPDIR: path.dirname(space.home),
    ANTHROPIC_BASE_URL: gatewayUrl,
    ANTHROPIC_AUTH_TOKEN: 'client-token',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
    DISABLE_AUTOUPDATER: '1',
    ...extra,
  };
}

/** Starts `claude -p` and returns the process; `result` settles when it has ended. */
export function startPrint(space, gatewayUrl, prompt, { args = [], env = {}, timeout = 90_000, executable = newest } = {}) {
  const standing = ['--output-format', 'stream-json', '--verbose', '--model', 'gateway-model', '--allowedTools', 'Bash,Read,Write,Edit,ToolSearch'];
  const child = spawn(executable[0], [...executable.slice(1), '-p', prompt, ...standing, ...args], {
    cwd: space.project,
    env: environment(space, gatewayUrl, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const result = new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') reject(new Error(`claude took longer than ${timeout} ms\n${tail(out)}\n${tail(err)}`));
      else resolve(read(out, err, code));
    });
  });
  return { child, result, output: () => out };
}

/** Runs `claude -p` to its end. */
export const print = (...args) => startPrint(...args).result;

/** Starts Claude Code as a user meets it, in a terminal. */
export function interactive(space, gatewayUrl, { args = [], env = {} } = {}) {
  return openTerminal([...newest, '--model', 'gateway-model', ...args], { cwd: space.project, env: environment(space, gatewayUrl, env) });
}

function read(out, err, code) {
  const lines = out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const final = lines.findLast((line) => line.type === 'result');
  const blocks = (type, kind) => lines.filter((line) => line.type === type)
    .flatMap((line) => (Array.isArray(line.message.content) ? line.message.content : []))
    .filter((block) => block.type === kind);
  return {
    code,
    err,
    lines,
    isError: final?.is_error ?? true,
    text: final?.result ?? '',
    toolUses: blocks('assistant', 'tool_use'),
    toolResults: blocks('user', 'tool_result'),
    thinking: blocks('assistant', 'thinking'),
    describe: () => `exit ${code}\n${tail(out)}\n${tail(err)}`,
  };
}

const tail = (text) => text.slice(-3000);
