import 'reflect-metadata';
import { ConfigError, readConfig } from './config.js';
import { readProfile } from './profile-file.js';
import { startGateway } from './start-gateway.js';

/** Beyond `DRAIN_TIMEOUT_MS`, what closing the connections to Redis may take. */
const OVERTIME_MS = 1_000;

try {
  const config = readConfig(process.env);
  const profile = await readProfile(config.upstream.profileFile);
  const gateway = await startGateway(config, profile);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // A second signal ends at once.
      process.once(signal, () => process.exit(1));
      // It keeps the time by itself; this is for an event loop that does not.
      setTimeout(() => process.exit(1), config.drainTimeoutMs + OVERTIME_MS).unref();
      void gateway.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
