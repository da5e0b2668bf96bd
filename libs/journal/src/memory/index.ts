export { MemoryJournal, type MemoryJournalOptions } from './memory-journal.js';
