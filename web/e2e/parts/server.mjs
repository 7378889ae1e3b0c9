// A server of a story's own, which it may kill.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

const READY_WITHIN_MS = 20_000;
const POLL_MS = 20;

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts the binary on a data directory and a port, and waits until it is ready. */
export async function serve(binary, data, port) {
  const child = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, TOPSPIN_LOG: 'warn' } });
  const ended = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  const base = `http://127.0.0.1:${port}`;
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`${binary} is not ready (exit code ${child.exitCode})`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const stop = (signal) => (child.kill(signal), ended);
  return { base, token: (await readFile(`${data}/token`, 'utf8')).trim(), kill: () => stop('SIGKILL'), stop: () => stop('SIGTERM') };
}
