/** The APIs that have a CometD server of their own. */
export const APIS = ['workspace', 'statistics', 'provisioning'] as const;
export type Api = (typeof APIS)[number];
