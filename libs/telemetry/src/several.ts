/**
 * One listener that tells several, in order: an …Events port has room for one. All methods of such a port
 * return nothing.
 */
export function several<Events extends object>(...listeners: readonly Events[]): Events {
  const tellers = new Map<string | symbol, ((...details: unknown[]) => void) | undefined>();
  const tellerOf = (name: string | symbol) => {
    const methods = listeners.map((listener) => ({
      listener,
      method: Reflect.get(listener, name),
    }));
    // What none of them has, this one has not either: a `then`, for example.
    if (!methods.some(({ method }) => typeof method === 'function')) return undefined;
    return (...details: unknown[]) => {
      for (const { listener, method } of methods) {
        if (typeof method === 'function') Reflect.apply(method, listener, details);
      }
    };
  };
  return new Proxy(Object.create(null) as Events, {
    get: (_target, name) => {
      if (!tellers.has(name)) tellers.set(name, tellerOf(name));
      return tellers.get(name);
    },
  });
}
