// Preloaded into a gateway (`node --import`): after a garbage collection, writes what memory it takes, a line of JSON
// every few seconds, to the file that MEMORY_REPORT names.
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 5_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const timer = setInterval(() => {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const line = { at: Date.now(), pid: process.pid, rss, heapUsed, external };
  appendFileSync(process.env.MEMORY_REPORT, `${JSON.stringify(line)}\n`);
}, EVERY_MS);
timer.unref();
