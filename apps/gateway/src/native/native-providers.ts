import { Clock } from '@gw/kernel';
import { constructed } from '@gw/kernel/nest';
import {
  AccessHandles,
  AuthorizationCodes,
  Authorizations,
  CodeExchange,
  NativeAccess,
  NativeClients,
  NativeEvents,
  NativeTokens,
  RefreshFamilies,
  TokenIssue,
  TokenRotation,
} from '@gw/native';
import { Sessions } from '@gw/sessions';
import { type Provider } from '@nestjs/common';
import { type Config } from '../config.js';
import { type SharedState } from '../shared-state.js';

export type NativeState = Pick<SharedState, 'accessHandles' | 'authorizationCodes' | 'refreshFamilies'>;

/** The authorization server for native apps, and what tells whose bearer a request carries. */
export function nativeProviders(
  { native, origins }: Pick<Config, 'native' | 'origins'>,
  { accessHandles, authorizationCodes, refreshFamilies }: NativeState,
  events: NativeEvents,
): Provider[] {
  const clients = new NativeClients(native.clients);
  return [
    { provide: NativeEvents, useValue: events },
    { provide: NativeClients, useValue: clients },
    { provide: AccessHandles, useValue: accessHandles },
    { provide: AuthorizationCodes, useValue: authorizationCodes },
    { provide: RefreshFamilies, useValue: refreshFamilies },
    {
      provide: Authorizations,
      useValue: new Authorizations(origins.own, clients, authorizationCodes, events),
    },
    {
      provide: TokenIssue,
      useFactory: (clock: Clock) => new TokenIssue(accessHandles, clock, native.accessTtlMs),
      inject: [Clock],
    },
    constructed(NativeAccess, AccessHandles, Sessions, Clock),
    constructed(CodeExchange, AuthorizationCodes, RefreshFamilies, TokenIssue, Sessions, NativeEvents),
    constructed(TokenRotation, RefreshFamilies, TokenIssue, Sessions, NativeEvents),
    constructed(
      NativeTokens,
      NativeClients,
      CodeExchange,
      TokenRotation,
      RefreshFamilies,
      AccessHandles,
      Sessions,
      NativeEvents,
    ),
  ];
}
