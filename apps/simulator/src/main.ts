import { demoAgents } from './agents.js';
import { readConfig } from './config.js';
import { startSimulator } from './simulator.js';

try {
  const simulator = await startSimulator(readConfig(process.env));
  console.log(`Engage simulator at ${simulator.url}`);
  for (const { name, password, firstName, lastName, dn } of demoAgents) {
    console.log(`  sign in as ${name} / ${password}  (${firstName} ${lastName}, extension ${dn})`);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close().then(() => process.exit(0)));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
