// A terminal of its own for the interactive client: a tmux server that nobody else sees.
import { execFileSync } from 'node:child_process';
import { until } from './checks.mjs';

let terminals = 0;

/** Whether tmux is installed. */
export function hasTmux() {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a command in a terminal of 160 columns and 50 lines. */
export function openTerminal(command, { cwd, env }) {
  const socket = `dragoman-${process.pid}-${terminals++}`;
  const tmux = (...args) => execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  tmux('new-session', '-d', '-x', '160', '-y', '50', '-c', cwd, ...command);
  const screen = () => tmux('capture-pane', '-p');
  return {
    screen,
    press: (...keys) => tmux('send-keys', ...keys),
    type: (words) => tmux('send-keys', '-l', words),
    async shows(pattern, timeout) {
      await until(() => pattern.test(screen()), `${pattern} on the screen`, timeout).catch((error) => {
        throw new Error(`${error.message}\n${screen()}`);
      });
    },
    close() {
      try {
        tmux('kill-server');
      } catch {
        // The client has ended, and its terminal with it.
      }
    },
  };
}
