export {
  Journal,
  type GapEntry,
  type Holding,
  type JournalEntry,
  type JournalListener,
  type Listening,
  type NewEntry,
  type NotificationEntry,
  type ReadResult,
} from './journal.js';
export { formatCursor, parseCursor, type Position } from './position.js';
