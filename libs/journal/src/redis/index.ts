export { RedisJournal, type RedisJournalOptions } from './redis-journal.js';
