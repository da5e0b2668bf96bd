import { USER_STATE_TTL_MS } from '@gw/ownership/redis';
import { RedisScript } from '@gw/redis';

export interface JournalLimits {
  /** Most entries. */
  readonly maxLength: number;
  /** Their greatest age, in milliseconds. */
  readonly ttlMs: number;
}

/** Bigger batches are announced without their entries: a message is copied to every instance that listens. */
const MAX_MESSAGE_BYTES = 65_536;

/**
 * With this every script on a journal begins. What is the same for all of them stands in the text: each parameter of a
 * command costs its sender and Redis, at each notification.
 *
 * KEYS 1 meta: a hash: `epoch`, `sequence`; `kept`, when an append last put off that all this is forgotten; by API
 * `started:…`, and what the last batch followed with the notifications stored since, `follows:…` and `count:…`;
 * 2 entries: a stream whose ids are the sequence and the time of the append, ms, so that a position is a range and the
 * age lies in the id
 * ARGV 1 an epoch, in case a new one is needed; empty: then nothing is begun
 */
const head = ({ ttlMs }: JournalLimits): string => `
local fresh = ARGV[1]
local kept_ms, max_age = ${2 * ttlMs}, ${ttlMs}
local meta, entries = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function keep()
  redis.call('PEXPIRE', meta, kept_ms)
  redis.call('PEXPIRE', entries, kept_ms)
end

-- What somebody knows of and is not there was lost, in a failover: positions of before mean nothing now.
-- Returns epoch and sequence, then the other fields that are asked for; nothing where a new epoch is not given.
local function head(known_epoch, known_sequence, ...)
  local found = redis.call('HMGET', meta, 'epoch', 'sequence', ...)
  local epoch, sequence = found[1], tonumber(found[2])
  if not epoch or (epoch == known_epoch and sequence < tonumber(known_sequence)) then
    if fresh == '' then return end
    redis.call('DEL', meta, entries)
    redis.call('HSET', meta, 'epoch', fresh, 'sequence', 0)
    return fresh, 0
  end
  return epoch, sequence, unpack(found, 3)
end
`;

/** In the place of a sealed state: the one that this holder has saved before. */
export const SAVED_BEFORE = '=';

/**
 * KEYS 3 leases: a hash, API → lease value; 4 states: a hash, API → sealed state, `mark:` with API → its mark
 * ARGV 2 and 3 the furthest position that the writer knows of: epoch, empty for none, and sequence; 4 channel; 5 API of
 * the holding, empty without one; 6 lease value; 7 what it follows, empty for nothing; 8 sealed state, empty for none,
 * SAVED_BEFORE for the one that is there; 9 its mark, empty for none; then for each entry: kind, API, JSON
 * Returns nothing when the lease is somebody else's; 0, and nothing is written, when a new epoch is to begin and none is
 * given, or when the state that should be there may be lost; else the epoch, the sequence before, and the numbers of the
 * given entries, from 1, that were written, in order.
 */
const appendScript = (limits: JournalLimits): RedisScript =>
  new RedisScript(`${head(limits)}
local leases, states = KEYS[3], KEYS[4]
local known_epoch, known_sequence, channel = ARGV[2], ARGV[3], ARGV[4]
local holder, lease, follows, state, mark = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local FIRST = 10
local max_length, max_bytes, state_ttl = ${limits.maxLength}, ${MAX_MESSAGE_BYTES}, ${USER_STATE_TTL_MS}

if holder ~= '' and redis.call('HGET', leases, holder) ~= lease then return false end

local epoch, before, kept, followed, count =
  head(known_epoch, known_sequence, 'kept', 'follows:' .. holder, 'count:' .. holder)
-- Where writes were lost, that of the state may have been one of them.
if not epoch or (state == '${SAVED_BEFORE}' and epoch ~= known_epoch) then return 0 end

local repeated = 0
if follows ~= '' and followed == follows then repeated = tonumber(count) end

local sequence, notifications = before, 0
local numbers, told, bytes = {}, {}, 0
for at = FIRST, #ARGV, 3 do
  local kind, api, json = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  -- What stands before a notification that is stored was stored with it.
  local is_new = notifications >= repeated
  if kind == 'notification' then
    notifications = notifications + 1
  elseif kind == 'session-start' and is_new then
    -- Before the first session of an API there was nothing to lose.
    is_new = redis.call('HSETNX', meta, 'started:' .. api, 1) == 0
  end
  if is_new then
    sequence = sequence + 1
    redis.call('XADD', entries, 'MAXLEN', max_length, sequence .. '-' .. now, 'e', json)
    numbers[#numbers + 1] = (at - FIRST) / 3 + 1
    bytes = bytes + #json
    if bytes <= max_bytes then told[#told + 1] = json end
  end
end

local changed = { 'sequence', sequence }
local function change(field, value)
  changed[#changed + 1] = field
  changed[#changed + 1] = value
end
if follows ~= '' then
  change('follows:' .. holder, follows)
  change('count:' .. holder, math.max(repeated, notifications))
end
-- What is of no use any more may lie a little longer: not each of many appends has to see to that.
local keep_every = ${Math.min(2 * limits.ttlMs, USER_STATE_TTL_MS) / 8}
local is_due = not kept or before == 0 or now < tonumber(kept) or now >= kept + keep_every
if is_due then change('kept', now) end
redis.call('HSET', meta, unpack(changed))
if is_due then
  for _ = 1, max_length do
    local oldest = redis.call('XRANGE', entries, '-', '+', 'COUNT', 1)[1]
    if not oldest or tonumber(string.match(oldest[1], '-(%d+)')) > now - max_age then break end
    redis.call('XDEL', entries, oldest[1])
  end
  keep()
end
if state ~= '' then
  local is_new = state ~= '${SAVED_BEFORE}'
  if is_new then redis.call('HSET', states, holder, state, 'mark:' .. holder, mark)
  else redis.call('HSET', states, 'mark:' .. holder, mark) end
  if is_new or is_due then
    redis.call('PEXPIRE', states, state_ttl)
    redis.call('PEXPIRE', leases, state_ttl)
  end
end
if sequence > before then
  local message = '{"epoch":"' .. epoch .. '","before":' .. before .. ',"last":' .. sequence
  if bytes <= max_bytes then message = message .. ',"entries":[' .. table.concat(told, ',') .. ']' end
  redis.call('PUBLISH', channel, message .. '}')
end
return { epoch, before, numbers }
`);

/**
 * ARGV 2 the epoch to read in, empty for none; 3 the sequence to read after
 * Returns the epoch, the head's sequence, `entries`, `window` or `epoch`, and for `entries` their JSON.
 * Who asks for more than there is proves that writes were lost: a new epoch begins, for the head would soon
 * be past that position, with other entries.
 */
const readScript = (limits: JournalLimits): RedisScript =>
  new RedisScript(`${head(limits)}
local epoch, sequence = head(ARGV[2], ARGV[3])
keep()
local after = tonumber(ARGV[3])
if ARGV[2] == '' then return { epoch, sequence, 'entries', {} } end
if ARGV[2] ~= epoch then return { epoch, sequence, 'epoch' } end
if after == sequence then return { epoch, sequence, 'entries', {} } end
local found = redis.call('XRANGE', entries, (after + 1) .. '-0', '+')
local oldest = found[1]
if #found < sequence - after or tonumber(string.match(oldest[1], '-(%d+)')) <= now - max_age then
  return { epoch, sequence, 'window' }
end
local json = {}
for index, entry in ipairs(found) do json[index] = entry[2][2] end
return { epoch, sequence, 'entries', json }
`);

/**
 * ARGV 2 and 3 the furthest position that somebody knows of: epoch, empty for none, and sequence
 * Keeps the journal from being forgotten, and begins a new epoch where writes were lost.
 */
const keepScript = (limits: JournalLimits): RedisScript =>
  new RedisScript(`${head(limits)}
head(ARGV[2], ARGV[3])
keep()
return 1
`);

export interface JournalScripts {
  readonly append: RedisScript;
  readonly read: RedisScript;
  readonly keep: RedisScript;
}

export const journalScripts = (limits: JournalLimits): JournalScripts => ({
  append: appendScript(limits),
  read: readScript(limits),
  keep: keepScript(limits),
});
