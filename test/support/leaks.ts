const CONTEXT = 60;

/**
 * Where any of the secrets stands in `text`, each place with what is around it: as it is, in any case, and
 * as a part of something that was encoded in base64 or for a URL.
 */
export function leaksOf(secrets: Iterable<string>, text: string): string[] {
  const haystacks = [text, withoutChunkMarks(text)].map((one) => ({ one, lower: one.toLowerCase() }));
  const places = [...new Set(secrets)].flatMap((secret) =>
    haystacks.flatMap(({ one, lower }) => [
      ...placesOf(secret.toLowerCase(), lower),
      ...placesOf(encodeURIComponent(secret).toLowerCase(), lower),
      ...base64FormsOf(secret).flatMap((form) => placesOf(form, one)),
    ]),
  );
  return [...new Set(places)];
}

/** All places of `needle`, each with the text around it. */
export function placesOf(needle: string, text: string): string[] {
  const places: string[] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    places.push(text.slice(Math.max(0, at - CONTEXT), at + needle.length + CONTEXT));
  }
  return places;
}

/** A body in chunks (RFC 9112 §7.1) has their sizes in between, and a secret may be on both sides of one. */
function withoutChunkMarks(text: string): string {
  return text.replaceAll(/\r\n[0-9a-f]+\r\n/gi, '');
}

/** What base64 makes of bytes depends on where they begin; without what their neighbours influence. */
function base64FormsOf(secret: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from(' '.repeat(offset) + secret);
    const standard = bytes.toString('base64').slice(offset === 0 ? 0 : offset + 1, -4);
    return [...new Set([standard, standard.replaceAll('+', '-').replaceAll('/', '_')])];
  });
}
