import { describe, expect, it } from 'vitest';
import { several } from './several.js';

class Events {
  happened(_what: string): void {}
  ended(): void {}
}

class Recorded extends Events {
  constructor(
    private readonly name: string,
    private readonly lines: string[],
  ) {
    super();
  }

  override happened(what: string): void {
    this.lines.push(`${this.name}: ${what}`);
  }
}

describe('several listeners as one', () => {
  it('are all told, in order, each with all that there is to say', () => {
    const lines: string[] = [];
    const events = several<Events>(new Recorded('one', lines), new Recorded('two', lines));
    events.happened('this');
    events.ended();
    events.happened('that');
    expect(lines).toEqual(['one: this', 'two: this', 'one: that', 'two: that']);
  });

  it('are no promise', async () => {
    const events = several<Events>(new Events());
    expect('then' in events).toBe(false);
    expect(await Promise.resolve(events)).toBe(events);
  });
});
