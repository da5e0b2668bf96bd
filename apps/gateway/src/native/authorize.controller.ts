import { Authorizations, metadataOf } from '@gw/native';
import { Logins } from '@gw/tokens';
import { Controller, Get, Header, Redirect, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { cookiesOf } from '../auth/cookie-header.js';
import { SessionCookie } from '../auth/session-cookie.js';
import { setCookie } from '../auth/set-cookie.js';

/** How long clients may keep the metadata, in seconds. */
const METADATA_MAX_AGE_S = 300;

/** What native apps read first, and where they send the person's browser (RFC 8252). */
@Controller()
export class AuthorizeController {
  constructor(
    private readonly authorizations: Authorizations,
    private readonly logins: Logins,
    private readonly cookie: SessionCookie,
  ) {}

  @Get('.well-known/oauth-authorization-server')
  @Header('cache-control', `public, max-age=${METADATA_MAX_AGE_S}`)
  metadata() {
    return metadataOf(this.authorizations.issuer);
  }

  /** Always by a login of its own, whoever is signed in in this browser. Its answer comes by `/auth/callback`. */
  @Get('oauth/authorize')
  @Redirect()
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  async authorize(@Req() { raw, headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const authorization = this.authorizations.begin(queryOf(raw.url ?? ''));
    if (authorization.kind === 'redirect') return { url: authorization.location, statusCode: 302 };
    const { location, cookies } = await this.logins.beginFor(authorization.app, cookiesOf(headers.cookie));
    for (const cookie of cookies) void reply.header('set-cookie', setCookie(cookie, this.cookie.isSecure));
    return { url: location, statusCode: 302 };
  }
}

/** Unparsed: what comes twice must be seen twice. */
function queryOf(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? '' : target.slice(mark + 1);
}
