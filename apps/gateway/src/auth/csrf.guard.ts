import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { CsrfPolicy } from './csrf-policy.js';

@Injectable()
export class CsrfGuard implements CanActivate {
  constructor(private readonly policy: CsrfPolicy) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const refusal = this.policy.refusalOf(method, headers);
    if (refusal) throw refusal;
    return true;
  }
}
