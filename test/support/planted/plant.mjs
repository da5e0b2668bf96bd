// Preloaded into a gateway (`node --import`): one of its modules is changed as it is loaded, for a test that needs a
// gateway with a certain fault. What to change is in PLANTED_FAULT, see planted-faults.ts.
import { register } from 'node:module';

register('./changed-module.mjs', import.meta.url, { data: JSON.parse(process.env.PLANTED_FAULT) });
