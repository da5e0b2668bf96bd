import { type KeyValue } from '../workspace/key-values.js';
import { type Api } from '../apis.js';
import { type Notifications } from '../bayeux/notifications.js';
import { type HttpSessions } from '../http/http-sessions.js';
import { type Platform } from '../platform.js';
import { type Provisioning } from '../provisioning/provisioning.js';
import { type Statistics } from '../statistics/statistics.js';
import { type Workspace } from '../workspace/workspace.js';
import { type Faults } from './faults.js';
import { type UserSeen } from './seen.js';

export interface InboundCall {
  /** The user it rings at. */
  readonly to: string;
  /** The number it comes from. */
  readonly from: string;
  readonly userData?: readonly KeyValue[] | undefined;
}

export interface InboundChat {
  readonly to: string;
  /** The customer's name. */
  readonly nickname: string;
  /** What the customer has written. */
  readonly text: string;
}

/**
 * What tests and demos may do behind the platform's back. User names are plain (`anna`).
 * @throws when a user does not exist
 */
export class SimulatorControl {
  readonly faults: Faults;

  constructor(
    private readonly platform: Platform,
    private readonly workspace: Workspace,
    private readonly statistics: Statistics,
    private readonly provisioning: Provisioning,
  ) {
    this.faults = platform.faults;
  }

  /** What the server saw of one user. */
  seen(user: string): UserSeen {
    return this.platform.seen.of(this.#name(user));
  }

  /** The same over all users, with what could not be attributed to one. */
  seenTotals(): UserSeen {
    return this.platform.seen.totals();
  }

  /** Every token, code, cookie value and CometD client id ever handed out for the user. */
  secrets(user: string): string[] {
    return this.platform.secrets.of(this.#name(user));
  }

  /** @returns how many CometD sessions it went to: those of the user that listen to the channel */
  publish(user: string, api: Api, channel: string, data: unknown): number {
    return this.publishMany(user, api, channel, [data]);
  }

  /** As one batch: in one reply where one is awaited. */
  publishMany(user: string, api: Api, channel: string, datas: readonly unknown[]): number {
    return this.#api(api).notifications.publish(this.#name(user), channel, ...datas);
  }

  /** @returns the call's id */
  inboundCall({ to, from, userData = [] }: InboundCall): string {
    return this.workspace.calls.inbound(this.platform.directory.require(to), from, userData);
  }

  /** The other side hangs up. False when there is no such call. */
  hangUp(callId: string): boolean {
    return this.workspace.calls.hangUp(callId);
  }

  /** @returns the interaction's id */
  inboundChat({ to, nickname, text }: InboundChat): string {
    return this.workspace.chats.invite(this.#name(to), nickname, text);
  }

  /** The customer writes. False when there is no such interaction. */
  customerSays(interactionId: string, text: string): boolean {
    return this.workspace.chats.customerSays(interactionId, text);
  }

  /** The user's next /meta/connect is answered 402 with handshake advice. Returns how many sessions there were. */
  forgetBayeuxSession(user: string, api: Api): number {
    return this.#api(api).notifications.forget(this.#name(user));
  }

  /** Everything of the user is refused with 403 until the API is initialised again; CometD sessions live on. */
  forgetHttpSession(user: string, api: Api): number {
    return this.#api(api).sessions.forget(this.#name(user));
  }

  /**
   * The user's CometD sessions are not subscribed to the channel any more, and nobody is told.
   * @returns how many were
   */
  forgetSubscription(user: string, api: Api, channel: string): number {
    return this.#api(api).notifications.unsubscribe(this.#name(user), channel);
  }

  /**
   * The next reply to the user sets new values of the session cookie and, on CometD requests, of
   * `BAYEUX_BROWSER`. From then on only these are known.
   */
  rotateCookies(user: string, api: Api): void {
    const { notifications, sessions } = this.#api(api);
    sessions.rotate(this.#name(user));
    notifications.rotateBrowserCookie(this.#name(user));
  }

  expireAccessTokens(user: string): void {
    this.platform.auth.tokens.expireAccessTokens(this.#name(user));
  }

  revokeRefreshTokens(user: string): void {
    this.platform.auth.tokens.revokeRefreshTokens(this.#name(user));
  }

  /** Whether a command's notification arrives before its HTTP reply. */
  setEventBeforeReply(on: boolean): void {
    this.platform.settings.eventBeforeReply = on;
  }

  /** Whether notifications repeat their command's `operationId`; replies always do. */
  setOperationIdsEchoed(on: boolean): void {
    this.platform.settings.echoesOperationIds = on;
  }

  #api(api: Api): { readonly notifications: Notifications; readonly sessions: HttpSessions } {
    return { workspace: this.workspace, statistics: this.statistics, provisioning: this.provisioning }[api];
  }

  #name(user: string): string {
    return this.platform.directory.require(user).name;
  }
}
