import { type Clock, type GatewayError, type SessionId, type Soon, type UserId } from '@gw/kernel';
import { type Idempotency } from '@gw/idempotency';
import { type Outcomes } from '@gw/outcomes';
import { type UpstreamProfile, type UpstreamSessions } from '@gw/upstream';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ProxyEvents } from '../proxy-events.js';

/** Whose request it is. */
export interface ProxyClient {
  readonly user: UserId;
  readonly session: SessionId;
}

export interface ProxyOptions {
  readonly profile: UpstreamProfile;
  readonly upstream: UpstreamSessions;
  /** Undefined when the request has no live session. */
  readonly authenticate: (request: FastifyRequest) => Soon<ProxyClient | undefined>;
  /** Why a client must wait, if so; it may set headers on the reply. Asked for every request of a client. */
  readonly checkRate: (client: ProxyClient, reply: FastifyReply) => GatewayError | undefined;
  /** Why a request may not change anything, if so. Asked for every method, after `authenticate`. */
  readonly checkCsrf: (request: FastifyRequest) => GatewayError | undefined;
  /** Answers with an error of the gateway's own. Headers that were set on the reply before are to be kept. */
  readonly sendProblem: (reply: FastifyReply, error: GatewayError) => void;
  /** Absent: `Prefer: wait` has no effect. */
  readonly outcomes?: Outcomes | undefined;
  /** Absent: `Idempotency-Key` has no effect. */
  readonly idempotency?: Idempotency | undefined;
  /** From the end of the client's request until the upstream begins its answer, and between its chunks. */
  readonly timeoutMs: number;
  /** Requests that a user may have under way at this instance; more are refused. */
  readonly maxRequestsPerUser: number;
  readonly clock: Clock;
  readonly events: ProxyEvents;
}
