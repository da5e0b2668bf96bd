let planted;

export function initialize(fault) {
  planted = fault;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(planted.module)) return loaded;
  let source = String(loaded.source);
  for (const [from, to] of planted.replacements) {
    const parts = source.split(from);
    // A gateway without the fault that a test believes in would be the worst of tests.
    if (parts.length !== 2) throw new Error(`${planted.module} has ${parts.length - 1} times: ${from}`);
    source = parts.join(to);
  }
  return { ...loaded, source };
}
