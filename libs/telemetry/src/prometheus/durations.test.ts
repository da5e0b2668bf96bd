import { expect, it } from 'vitest';
import { Durations } from './durations.js';

it('counts each duration in every bucket that it fits in', () => {
  const durations = new Durations({ name: 'd', help: 'How long', label: 'api', boundsS: [0.1, 1] });
  for (const seconds of [0.05, 0.1, 0.5, 2]) durations.took('workspace', seconds);
  durations.took('statistics', 3);
  expect(durations.text()).toBe(`# HELP d How long
# TYPE d histogram
d_bucket{le="0.1",api="workspace"} 2
d_bucket{le="1",api="workspace"} 3
d_bucket{le="+Inf",api="workspace"} 4
d_sum{api="workspace"} 2.65
d_count{api="workspace"} 4
d_bucket{le="0.1",api="statistics"} 0
d_bucket{le="1",api="statistics"} 0
d_bucket{le="+Inf",api="statistics"} 1
d_sum{api="statistics"} 3
d_count{api="statistics"} 1
`);
});
