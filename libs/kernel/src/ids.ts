declare const brand: unique symbol;
/** A string that cannot be swapped for another kind of identifier. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A person, as the Authentication API names them; the key of everything kept per user. */
export type UserId = Branded<'UserId'>;
/** SHA-256 of the session cookie's value, base64url. The cookie's value itself is stored nowhere. */
export type SessionId = Branded<'SessionId'>;
/** An upstream API's name in the profile, for example `workspace`. */
export type ApiName = Branded<'ApiName'>;
/** One run of one gateway process: its configured name, and what sets this run apart from those before. */
export type InstanceId = Branded<'InstanceId'>;

export const asUserId = (value: string): UserId => value as UserId;
export const asSessionId = (value: string): SessionId => value as SessionId;
export const asApiName = (value: string): ApiName => value as ApiName;
export const asInstanceId = (value: string): InstanceId => value as InstanceId;
