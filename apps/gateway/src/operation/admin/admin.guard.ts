import { GatewayError } from '@gw/kernel';
import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { bearerOf } from '../../auth/index.js';
import { AdminToken } from './admin-token.js';

/** Lets in who knows `ADMIN_TOKEN`. Without one, there is no administration: its routes look like any unknown one. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly token: AdminToken) {}

  canActivate(context: ExecutionContext): boolean {
    if (!this.token.isSet) throw new NotFoundException();
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (this.token.matches(bearerOf(headers) ?? '')) return true;
    throw new GatewayError('admin_token_wrong', 'unauthenticated', 'Send ADMIN_TOKEN as the bearer');
  }
}
