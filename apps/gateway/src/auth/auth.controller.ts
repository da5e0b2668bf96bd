import { GatewayError } from '@gw/kernel';
import { Authorizations } from '@gw/native';
import { Sessions } from '@gw/sessions';
import { type LoginCookie, type LoginOutcome, Logins } from '@gw/tokens';
import {
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Redirect,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { bearerOf } from './bearer-header.js';
import { CallerAuthentication } from './caller-authentication.js';
import { cookiesOf } from './cookie-header.js';
import { CsrfGuard } from './csrf.guard.js';
import { SessionCleanup } from './session-cleanup.js';
import { SessionCookie } from './session-cookie.js';
import { deviceView, sessionView } from './session-views.js';
import { setCookie } from './set-cookie.js';

/** How long a logout waits for the upstream's sign-out before it is answered, in milliseconds. */
const FAREWELL_MS = 2_000;

const noStore = () => Header('cache-control', 'no-store');

/** The browser session of the public contract. Callers get 401 as a problem, never a redirect. */
@Controller('auth')
@UseGuards(CsrfGuard)
export class AuthController {
  constructor(
    private readonly logins: Logins,
    private readonly authorizations: Authorizations,
    private readonly sessions: Sessions,
    private readonly callers: CallerAuthentication,
    private readonly cookie: SessionCookie,
    private readonly cleanup: SessionCleanup,
  ) {}

  @Get('login')
  @Redirect()
  @noStore()
  async login(@Req() { query, headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const returnTo = (query as Partial<Record<string, unknown>>).return_to;
    const { location, cookies } = await this.logins.begin({ returnTo, cookies: cookiesOf(headers.cookie) });
    this.#set(reply, cookies);
    return { url: location, statusCode: 302 };
  }

  @Get('callback')
  @Redirect()
  @noStore()
  async callback(@Req() { query, headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const outcome = await this.logins.complete({
      query,
      cookies: cookiesOf(headers.cookie),
      userAgent: headers['user-agent'],
      formerSecret: this.cookie.read(headers),
    });
    this.#set(reply, outcome.cookies);
    if (outcome.kind === 'signed-in') void reply.header('set-cookie', this.cookie.set(outcome.secret));
    return { url: await this.#destinationOf(outcome), statusCode: 302 };
  }

  @Get('session')
  @noStore()
  async session(@Req() { headers }: FastifyRequest) {
    return sessionView(await this.callers.require(headers, { touch: false }));
  }

  /** Also 204 when there was no session: the caller has what it wanted. */
  @Post('logout')
  @HttpCode(204)
  @noStore()
  async logout(
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const session = await this.callers.find(headers, { touch: false });
    if (session) {
      await this.sessions.end(session.id, 'logout');
      // Else a sign-in right after it might find the login upstream still there, and pass without a password.
      await this.cleanup.finished(session.id, FAREWELL_MS);
    }
    // A form of another site comes without the cookie, thanks to SameSite; it must not delete it either.
    const isByCookie = bearerOf(headers) === undefined && this.cookie.read(headers) !== undefined;
    if (isByCookie) void reply.header('set-cookie', this.cookie.clear());
  }

  @Get('sessions')
  @noStore()
  async list(@Req() { headers }: FastifyRequest) {
    const current = await this.callers.require(headers, { touch: true });
    const sessions = await this.sessions.ofUser(current.user.id);
    return { sessions: sessions.map((session) => deviceView(session, current)) };
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @noStore()
  async revoke(@Req() { headers }: FastifyRequest, @Param('id') id: string): Promise<void> {
    const current = await this.callers.require(headers, { touch: true });
    const own = await this.sessions.ofUser(current.user.id);
    const session = own.find((one) => one.id === id);
    if (!session) throw new GatewayError('session_not_found', 'not_found', 'You have no such session');
    await this.sessions.end(session.id, 'revoked');
  }

  /** A login that was made for a native app ends at the app, whatever came of it. */
  async #destinationOf(outcome: LoginOutcome): Promise<string> {
    switch (outcome.kind) {
      case 'signed-in':
        return outcome.returnTo;
      case 'authorized':
        return this.authorizations.grant(outcome.app, outcome.login);
      case 'refused':
        if (outcome.app === undefined) throw outcome.error;
        return this.authorizations.refuse(outcome.app, outcome.error);
    }
  }

  #set(reply: FastifyReply, cookies: readonly LoginCookie[]): void {
    for (const cookie of cookies) void reply.header('set-cookie', setCookie(cookie, this.cookie.isSecure));
  }
}
