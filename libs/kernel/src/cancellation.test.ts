import { expect, it, vi } from 'vitest';
import { Cancellation } from './cancellation.js';

it('stops what is under way, once', () => {
  const cancellation = new Cancellation();
  const stop = vi.fn();
  cancellation.whenCancelled(stop);
  expect(stop).not.toHaveBeenCalled();
  cancellation.cancel();
  cancellation.cancel();
  expect(cancellation.isCancelled).toBe(true);
  expect(stop).toHaveBeenCalledTimes(1);
});

it('stops at once what begins too late', () => {
  const cancellation = new Cancellation();
  cancellation.cancel();
  const stop = vi.fn();
  cancellation.whenCancelled(stop);
  expect(stop).toHaveBeenCalledTimes(1);
});

it('leaves alone what is over', () => {
  const cancellation = new Cancellation();
  const first = vi.fn();
  const second = vi.fn();
  cancellation.whenCancelled(first);
  cancellation.whenCancelled(second);
  cancellation.whenCancelled();
  cancellation.cancel();
  expect(first).not.toHaveBeenCalled();
  expect(second).not.toHaveBeenCalled();
});
