import 'reflect-metadata';
import { ConfigError, readConfig } from './config.js';
import { readProfile } from './profile-file.js';
import { startGateway } from './start-gateway.js';

/** However long clients and upstreams take to say goodbye, the process is gone by then. */
const STOP_DEADLINE_MS = 25_000;

try {
  const config = readConfig(process.env);
  const profile = await readProfile(config.upstream.profileFile);
  const gateway = await startGateway(config, profile);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // A second signal ends at once.
      process.once(signal, () => process.exit(1));
      setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
      void gateway.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
