import { mostWithinASecond, percentile, slope } from './measuring/statistics.js';
import { type CpuShares } from './measuring/takeovers.js';
import { type SoakOptions } from './options.js';
import { type SoakResult } from './soak.js';

/** The figures of a run, for people. */
export function describeFigures(
  { takeovers, reconnects, memory, keys, unwantedLogins }: SoakResult,
  { kills }: SoakOptions,
): string {
  const owned = takeovers.reduce((sum, one) => sum + one.owned, 0);
  const sum = (of: (one: (typeof takeovers)[number]) => number) =>
    takeovers.reduce((total, one) => total + of(one), 0);
  const cpuMs = (of: keyof CpuShares) =>
    owned === 0 ? '–' : `${(sum((one) => (one.cpuMsPerUser?.[of] ?? 0) * one.owned) / owned).toFixed(1)} ms`;
  const lines = [
    `kills                              ${takeovers.length}, of gateways that owned ${owned} users' CometD sessions`,
    `from kill to next poll             ${distribution(takeovers.flatMap(({ toPoll }) => toPoll))}`,
    `from kill to first notification    ${distribution(takeovers.flatMap(({ toFirst }) => toFirst))}`,
    `agent-visible pause                ${distribution(takeovers.flatMap(({ pauses }) => pauses))}`,
    `takeover CPU a user                ${cpuMs('survivors')}; of Redis ${cpuMs('redis')}, of platform and clients ${cpuMs('surroundings')}`,
    ...(kills === undefined
      ? []
      : [
          `handshakes after a kill            ${sum((one) => one.needlessHandshakes)} while the upstream session lived, ${sum((one) => one.lateHandshakes)} after its end`,
        ]),
    `users not heard of after a kill    ${takeovers.flatMap(({ silent }) => silent).length}`,
    `reconnects within one second       ${mostWithinASecond(reconnects)} at most, ${reconnects.length} in all`,
    `logins that nobody wanted          ${unwantedLogins}`,
  ];
  const growth = slope(keys.slice(Math.floor(keys.length / 4)));
  if (growth !== undefined)
    lines.push(`keys in Redis                      ${keys.at(-1)?.y}, ${signed(growth)} a minute`);
  for (const { gateway, minutes, rssMb, heapMb, rssSlope, heapSlope } of memory) {
    lines.push(
      `memory of ${gateway.padEnd(25)}RSS ${rssMb.toFixed(0)} MB, ${signed(rssSlope)} MB a minute; heap ${heapMb.toFixed(1)} MB, ${signed(heapSlope)} MB a minute (over ${minutes.toFixed(1)} min)`,
    );
  }
  return lines.join('\n');
}

function distribution(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const [p50, p99] = [percentile(values, 0.5)!, percentile(values, 0.99)!];
  return `p50 ${p50} ms, p99 ${p99} ms, max ${Math.max(...values)} ms (of ${values.length})`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
