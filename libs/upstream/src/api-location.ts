import { type UpstreamApi } from './profile.js';

/** Where an API is. */
export interface ApiLocation {
  readonly api: UpstreamApi;
  readonly origin: string;
  /** Stands before every path of the API; empty, or without a slash at its end. */
  readonly prefix: string;
}

/** `baseUrl` may have a path, as behind an API gateway. */
export function locationOf(api: UpstreamApi, baseUrl: string): ApiLocation {
  const { origin, pathname } = new URL(baseUrl);
  return { api, origin, prefix: pathname.replace(/\/+$/, '') };
}
