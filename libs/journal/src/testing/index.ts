export { journalContract, type JournalHarness } from './journal.contract.js';
