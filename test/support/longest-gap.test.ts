import { longestGap } from '../../lib/support/longest-gap';

const HOUR = 3600;
const DAY = 24 * HOUR;

test.each([
  ['0 3 * * *', DAY],
  ['*/15 * * * *', HOUR / 4],
  ['0 8-17 * * *', 15 * HOUR],
  ['0 3 * * 1-5', 3 * DAY],
  ['0 3 * * 7', 7 * DAY],
  ['0 3 1 * *', 31 * DAY],
  ['30 2 29 2 *', 1461 * DAY],
  // Cron takes either of two days.
  ['0 3 1 * 1', 7 * DAY],
  ['0 1,3 * * *', 22 * HOUR],
  ['@weekly', 7 * DAY],
  ['@hourly', HOUR],
  ['@every 1h30m', 1.5 * HOUR],
])('%s leaves %d seconds at the most', (schedule, seconds) => {
  expect(longestGap(schedule)).toBe(seconds);
});
