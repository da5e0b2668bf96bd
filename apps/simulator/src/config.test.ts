import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

describe('the environment', () => {
  it('may be empty', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 3001 });
  });

  it('becomes options', () => {
    const env = {
      PORT: '0',
      CONTROL: 'on',
      ACCESS_TOKEN_TTL_S: '60',
      REDIRECT_URIS: 'https://a.example/,https://b.example/',
    };
    expect(readConfig({ ...env, HOST: '' })).toMatchObject({
      port: 0,
      host: '127.0.0.1',
      controlEnabled: true,
      accessTokenTtlS: 60,
      redirectUris: ['https://a.example/', 'https://b.example/'],
    });
  });

  it('is refused with every wrong variable in one message', () => {
    const read = () =>
      readConfig({ PORT: 'x', CONTROL: 'yes', BAYEUX_TIMEOUT_MS: '-1', ACCESS_TOKEN_TTL_S: '60' });
    expect(read).toThrow(/PORT[\s\S]*CONTROL|CONTROL[\s\S]*PORT/);
    expect(read).toThrow('BAYEUX_TIMEOUT_MS');
    expect(read).not.toThrow('ACCESS_TOKEN_TTL_S');
  });
});
