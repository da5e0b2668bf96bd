import { type Form, NativeTokens, type TokenAnswer } from '@gw/native';
import { Body, Controller, Header, HttpCode, Post, UseFilters } from '@nestjs/common';
import { FORM_ROUTES } from './form-body.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';

const noStore = () => Header('cache-control', 'no-store');

/** Where native apps get, renew and give back their tokens. No cookie is looked at, so nothing can be forged. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class TokenController {
  constructor(private readonly tokens: NativeTokens) {}

  @Post(FORM_ROUTES.token)
  @HttpCode(200)
  @noStore()
  token(@Body() body: unknown): Promise<TokenAnswer> {
    return this.tokens.grant(formOf(body));
  }

  /** RFC 7009 §2.2: 200 also for a token that nobody knows. */
  @Post(FORM_ROUTES.revoke)
  @HttpCode(200)
  @noStore()
  revoke(@Body() body: unknown): Promise<void> {
    return this.tokens.revoke(formOf(body));
  }
}

/** What `readForms` made of the body. */
const formOf = (body: unknown): Form => (typeof body === 'string' ? body : undefined);
