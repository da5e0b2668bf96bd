/** Fields of one connection only, RFC 9110 §7.6.1, and what older software treats so. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Lower-case names that a Connection field lists; those go no further either. */
export function namedByConnection(connection: string | readonly string[] | undefined): readonly string[] {
  if (connection === undefined) return NONE;
  const text = typeof connection === 'string' ? connection : connection.join(',');
  if (text === 'keep-alive' || text === 'close') return NONE;
  return text.split(',').map((name) => name.trim().toLowerCase());
}

const NONE: readonly string[] = [];
