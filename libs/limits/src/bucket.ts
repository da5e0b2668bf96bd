/** What a key has used of late, in milliseconds that run out; and how much of it others have not been told of. */
export class Bucket {
  level = 0;
  untold = 0;
  isTelling = false;

  constructor(private at: number) {}

  drain(now: number): void {
    // A clock may be set back.
    const elapsed = Math.max(0, now - this.at);
    this.at = now;
    this.level = Math.max(0, this.level - elapsed);
    this.untold = Math.min(this.untold, this.level);
  }

  pour(ms: number): void {
    this.level += ms;
    this.untold += ms;
  }

  /** How much to tell, in whole milliseconds; the rest stays for the next time. */
  beginTelling(): number {
    const told = Math.floor(this.untold);
    this.untold -= told;
    this.isTelling = true;
    return told;
  }

  /** `level`: of all instances, what was told included. It may have been lost meanwhile; ours is the least. */
  toldOthers(now: number, level: number): void {
    this.isTelling = false;
    this.drain(now);
    this.level = Math.max(this.level, level + this.untold);
  }

  couldNotTell(told: number): void {
    this.isTelling = false;
    this.untold += told;
  }
}
