import { Controller, Get, Header } from '@nestjs/common';
import { asyncApi } from './asyncapi.js';
import { docsPage, openApi } from './openapi.js';

/** The interface, for people and for programs. */
@Controller('docs')
export class DocsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return docsPage;
  }

  @Get('openapi.json')
  openApi(): object {
    return openApi;
  }

  @Get('asyncapi.json')
  asyncApi(): object {
    return asyncApi;
  }
}
