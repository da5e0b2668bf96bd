import { asUserId } from '@gw/kernel';
import { Sessions } from '@gw/sessions';
import { Controller, Delete, Get, Header, HttpCode, Param, UseGuards } from '@nestjs/common';
import { AdminGuard } from './admin.guard.js';
import { Overview } from './overview.js';
import { UserReports } from './user-report.js';

/** For operators: what there is, without anything secret, and how to sign somebody out. */
@Controller('admin')
@UseGuards(AdminGuard)
export class AdminController {
  constructor(
    private readonly overview: Overview,
    private readonly users: UserReports,
    private readonly sessions: Sessions,
  ) {}

  @Get('overview')
  @Header('cache-control', 'no-store')
  show() {
    return this.overview.show();
  }

  @Get('users/:id')
  @Header('cache-control', 'no-store')
  user(@Param('id') id: string) {
    return this.users.of(asUserId(id));
  }

  /** Also 204 when there were none. */
  @Delete('users/:id/sessions')
  @HttpCode(204)
  async signOut(@Param('id') id: string): Promise<void> {
    const sessions = await this.sessions.ofUser(asUserId(id));
    await Promise.all(sessions.map((session) => this.sessions.end(session.id, 'revoked')));
  }
}
