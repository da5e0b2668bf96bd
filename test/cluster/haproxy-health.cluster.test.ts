import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { type LoadBalancer, startLoadBalancer } from '../support/load-balancer.js';
import { PlainGateway } from '../support/plain-gateway.js';

describe('haproxy, which asks gateways how they are,', () => {
  let gateways: PlainGateway[];
  let balancer: LoadBalancer;
  beforeEach(async () => {
    gateways = await Promise.all([PlainGateway.start(), PlainGateway.start()]);
    const ports = gateways.map(({ port }) => port);
    balancer = await startLoadBalancer('haproxy', await freePort(), ports);
  });
  afterEach(async () => {
    await balancer.close();
    await Promise.all(gateways.map((gateway) => gateway.close()));
  });

  const answeredBy = async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${balancer.url}/auth/session`)),
    );
    return [...new Set(await Promise.all(answers.map(async (answer) => Number(await answer.text()))))];
  };

  it('gives nothing to one that is not ready, until it is', async () => {
    const [first, second] = gateways as [PlainGateway, PlainGateway];
    first.isReady = false;
    await eventually(async () => expect(await answeredBy()).toEqual([second.port]));
    first.isReady = true;
    await eventually(async () =>
      expect((await answeredBy()).toSorted()).toEqual([first.port, second.port].toSorted()),
    );
  });

  it('still turns to those that live when none is ready: without Redis none is', async () => {
    for (const gateway of gateways) gateway.isReady = false;
    await eventually(() =>
      expect(balancer.log()).toContain("backend 'ready_gateways' has no server available"),
    );
    expect((await answeredBy()).length).toBeGreaterThan(0);
    expect((await fetch(`${balancer.url}/auth/session`)).status).toBe(200);
  });
});
