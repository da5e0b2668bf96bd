export {
  Journal,
  type GapEntry,
  type JournalEntry,
  type Listening,
  type NewEntry,
  type NotificationEntry,
  type ReadResult,
} from './journal.js';
export { formatCursor, parseCursor, type Position } from './position.js';
