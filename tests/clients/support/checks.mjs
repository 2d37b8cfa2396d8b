// A small runner: each check starts what it needs, says what it expects, and leaves nothing behind.
import { startBackend } from './backend.mjs';
import { startDemonstration, startGateway, startSimulator } from './gateway.mjs';
import { workspace } from './claude.mjs';
import { startSearch } from './search.mjs';

export const long = process.argv.includes('--long');

const checks = [];
let group = '';

/** Names the client that the checks after it are about. */
export const client = (name) => (group = name);

/** A check. `run` gets a stage on which to start backends, gateways and workspaces. */
export function check(name, run, { timeout = 120_000 } = {}) {
  checks.push({ name: `${group}: ${name}`, run, timeout });
}

class Skipped extends Error {}

/** Ends the running check as skipped. */
export function skip(reason) {
  throw new Skipped(reason);
}

/** Waits until `condition` holds. */
export async function until(condition, what, timeout = 20_000) {
  for (const start = Date.now(); !(await condition()); ) {
    if (Date.now() - start > timeout) throw new Error(`${what}: not within ${timeout} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

class Stage {
  #started = [];

  async backend(turns) {
    return this.keep(await startBackend(turns));
  }

  async gateway(backend, options) {
    return this.keep(await startGateway(backend.url, options));
  }

  async search(options) {
    return this.keep(await startSearch(options));
  }

  async simulator() {
    const simulator = this.keep(await startSimulator());
    return { ...simulator, url: `${simulator.url}/v1` };
  }

  async demonstration() {
    return this.keep(await startDemonstration());
  }

  workspace() {
    const space = workspace();
    this.keep({ close: space.dispose });
    return space;
  }

  /** A backend with these turns and a gateway in front of it. */
  async pair(turns, options) {
    const backend = await this.backend(turns);
    return { backend, gateway: await this.gateway(backend, options) };
  }

  keep(thing) {
    this.#started.push(thing);
    return thing;
  }

  logs() {
    return this.#started.filter((thing) => thing.log).map((thing) => thing.log().slice(-2000)).join('\n');
  }

  async strike() {
    for (const thing of this.#started.reverse()) await thing.close();
  }
}

/** Runs every check whose name holds `only`, prints a line for each and the sum, and says whether all went well. */
export async function runAll(only) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let current;
  // Ended from outside: nothing that was started stays behind.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, async () => process.exit((await current?.strike(), 1)));
  for (const { name, run, timeout } of checks.filter((one) => !only || one.name.includes(only))) {
    const stage = (current = new Stage());
    const start = Date.now();
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`took longer than ${timeout} ms`)), timeout)));
    try {
      await Promise.race([run(stage), late]);
      counts.passed++;
      console.log(`ok - ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      if (error instanceof Skipped) {
        counts.skipped++;
        console.log(`skipped - ${name}: ${error.message}`);
      } else {
        counts.failed++;
        console.log(`not ok - ${name}\n${indent(error.stack ?? error)}\n${indent(stage.logs())}`);
      }
    } finally {
      clearTimeout(timer);
      await stage.strike().catch((error) => console.log(indent(`while cleaning up: ${error.message}`)));
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 && counts.passed > 0;
}

const indent = (text) => String(text).replace(/^/gm, '    ');
