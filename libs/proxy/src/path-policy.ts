import { type ApiName } from '@gw/kernel';
import { type UpstreamApi, type UpstreamProfile } from '@gw/upstream';
import { faultOf, plainPath, type PathFault } from './path-faults.js';

export type PathDecision =
  | {
      readonly kind: 'allowed';
      readonly api: ApiName;
      /** As the client spelt it: what was judged is what is sent. */
      readonly path: string;
      /** With its `?`; empty without a query. */
      readonly search: string;
    }
  | { readonly kind: 'refused'; readonly code: 'route_not_allowed'; readonly reason: PathRefusal };

/** For logs and metrics; clients get the code alone. */
export type PathRefusal = PathFault | 'not-in-profile' | 'reserved-path';

interface ReservedPath {
  /** Lower case. */
  readonly path: string;
  readonly withAllBelow: boolean;
}

interface ProxiedApi {
  readonly name: ApiName;
  /** `basePath` with a slash: an API's paths are beneath it, on a segment boundary. */
  readonly prefix: string;
  /** Of any API: one's Bayeux endpoint may lie beneath another's base path. */
  readonly reserved: readonly ReservedPath[];
}

/**
 * Which paths may be proxied: those beneath a base path of the profile, in a spelling that no server could
 * read as another path, save for what the gateway does itself (notifications, session-init, login, logout)
 * and what the profile refuses. Refusals are compared after decoding and without case, because some
 * servers route that way.
 */
export class PathPolicy {
  readonly #apis: readonly ProxiedApi[];

  constructor(profile: UpstreamProfile) {
    const reserved = profile.apis.flatMap(reservedPathsOf);
    this.#apis = profile.apis.map(({ name, basePath }) => {
      const prefix = `${basePath}/`;
      return { name, prefix, reserved: reserved.filter(({ path }) => path.startsWith(prefix.toLowerCase())) };
    });
  }

  /** `target` is the raw request target, from the slash that begins the upstream's path. */
  decide(target: string): PathDecision {
    const query = target.indexOf('?');
    const path = query < 0 ? target : target.slice(0, query);
    const search = query < 0 ? '' : target.slice(query);
    const fault = faultOf(path, search);
    if (fault) return refused(fault);
    const api = this.#apis.find(({ prefix }) => path.startsWith(prefix));
    if (!api) return refused('not-in-profile');
    if (isReserved(plainPath(path), api.reserved)) return refused('reserved-path');
    return { kind: 'allowed', api: api.name, path, search };
  }
}

function refused(reason: PathRefusal): PathDecision {
  return { kind: 'refused', code: 'route_not_allowed', reason };
}

function isReserved(path: string, reserved: readonly ReservedPath[]): boolean {
  return reserved.some((its) => {
    if (!path.startsWith(its.path)) return false;
    return path.length === its.path.length || (its.withAllBelow && path.charAt(its.path.length) === '/');
  });
}

function reservedPathsOf(api: UpstreamApi): ReservedPath[] {
  const whole = [api.cometd?.path, api.sessionInit?.path, api.logout?.path].filter(
    (path) => path !== undefined,
  );
  const patterns = ['/login/**', '/logout/**', ...api.refusedPaths].map((path) => `${api.basePath}${path}`);
  return [...whole.map((path) => `${path}/**`), ...patterns].map((pattern) => ({
    path: pattern.replace(/\/\*\*$/, '').toLowerCase(),
    withAllBelow: pattern.endsWith('/**'),
  }));
}
