export { RedisJournal } from './redis-journal.js';
