// Starts the gateway as a user does: one command, one backend address.
import { spawn } from 'node:child_process';
import net from 'node:net';
import os from 'node:os';

// DRAGOMAN: the command to run, such as "dotnet /path/dragoman.dll". Set by run.sh.
const [command, ...prefix] = (process.env.DRAGOMAN ?? 'dragoman').split(' ');

/** Starts `dragoman serve` in front of a backend and waits until it answers. */
export function startGateway(backendUrl, { model = 'scripted', options = [] } = {}) {
  return start(['serve', '--backend', backendUrl, '--model', model, ...options]);
}

/** Starts the gateway without being told of any backend. */
export function startDemonstration() {
  return start(['serve']);
}

/** Starts `dragoman simulate`. */
export function startSimulator() {
  return start(['simulate']);
}

async function start(args) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let output = '';
  // In a folder without a configuration file, and without the keys that a developer's own environment may hold.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_(API_KEY|BASE_URL)$/.test(name)));
  const child = spawn(command, [...prefix, ...args, '--urls', url], { cwd: os.tmpdir(), env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => (output += error.message));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));

  for (let tries = 0; !(await answers(url)); tries++) {
    if (child.exitCode !== null || tries > 300) {
      child.kill('SIGKILL');
      throw new Error(`${args[0]} did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    log: () => output,
    async close() {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(forced);
    },
  };
}

async function answers(url) {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
