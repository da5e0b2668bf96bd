import { Controller, Get, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Readiness, type ReadinessState } from './readiness.js';

/** For load balancers and orchestrators. Liveness never depends on anything outside the process. */
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: ReadinessState } {
    const { state } = this.readiness;
    reply.status(state === 'ready' ? 200 : 503);
    return { status: state };
  }
}
