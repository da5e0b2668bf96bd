// The main job for a newcomer: the Engage simulator and one gateway, each a process of its own.
// npm runs it by `exec`: a shell in between would die of npm's SIGTERM and leave us without a parent.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const START_DEADLINE_MS = 30_000;
/** Longer than the gateway's own deadline, after which it gives up its clients. */
const STOP_DEADLINE_MS = 30_000;
/** One Ctrl-C arrives twice: from the terminal, and from npm, which forwards it. */
const ECHO_MS = 1_000;

const { PORT = '3000', SIMULATOR_PORT = '3001' } = process.env;
const gatewayUrl = `http://127.0.0.1:${PORT}`;
const simulatorUrl = `http://127.0.0.1:${SIMULATOR_PORT}`;
const publicUrl = process.env.PUBLIC_URL ?? `http://localhost:${PORT}`;

/** In the order in which they start; they stop in reverse, so that the gateway can say goodbye upstream. */
const children = [];
let stoppingSince;

await requireFreePorts({ PORT, SIMULATOR_PORT });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
process.on('exit', killAll);

start('apps/simulator/dist/main.js', { PORT: SIMULATOR_PORT, HOST: '127.0.0.1' });
start('apps/gateway/dist/main.js', { PORT, ENGAGE_AUTH_URL: simulatorUrl, ENGAGE_API_URL: simulatorUrl });

const ready = await Promise.all([answers(simulatorUrl), answers(`${gatewayUrl}/health/ready`, 200)]);
if (ready.every(Boolean)) {
  console.log(`
  The gateway is ready:  ${publicUrl}
  Sign in as             anna  (password: demo)   and, in a private window, as   bela
  Their numbers          anna 5001, bela 5002
  The Engage simulator   ${simulatorUrl}
`);
} else if (stoppingSince === undefined) {
  console.error(`The gateway did not become ready within ${START_DEADLINE_MS / 1_000} s.`);
  await stop(1);
}

/** Otherwise whoever listens there already would pass for us. */
async function requireFreePorts(ports) {
  const taken = [];
  for (const [variable, port] of Object.entries(ports)) {
    if (!(await isFree(Number(port)))) taken.push(`Port ${port} is taken: set ${variable} to another one.`);
  }
  if (taken.length === 0) return;
  console.error(taken.join('\n'));
  process.exit(1);
}

async function isFree(port) {
  const server = createServer();
  const listening = once(server.listen(port, '127.0.0.1'), 'listening');
  const free = await listening.then(
    () => true,
    ({ code }) => code !== 'EADDRINUSE',
  );
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** In a process group of its own, so that a Ctrl-C reaches it from here only, and in order. */
function start(script, env) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  children.push(child);
  child.once('exit', () => {
    if (stoppingSince === undefined) void stop(1);
  });
}

/** False when it takes too long, or we are on the way out. Without a `status`, any answer will do. */
async function answers(url, status) {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (stoppingSince === undefined && Date.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && (status === undefined || answer.status === status)) return true;
    await delay(100);
  }
  return false;
}

/** A second signal does not wait for anybody. */
function onSignal() {
  if (stoppingSince === undefined) void stop(0);
  else if (Date.now() - stoppingSince > ECHO_MS) process.exit(1);
}

async function stop(exitCode) {
  stoppingSince = Date.now();
  setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
  for (const child of children.toReversed()) {
    if (!isRunning(child)) continue;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  const allWell = children.every((child) => child.exitCode === 0);
  process.exit(allWell ? exitCode : 1);
}

const isRunning = (child) => child.exitCode === null && child.signalCode === null;

/** Nothing of ours outlives us. */
function killAll() {
  for (const child of children) if (isRunning(child)) child.kill('SIGKILL');
}
