import { scheduleFault, secondsScheduleFault, timeZoneFix } from '../../lib/support/cron';

test.each([
  ...['0 0 30 2 *', '0 0 30,31 2 *', '0 0 31 feb,apr *', '0 0 31 4,6-7/2 ?', '0 0 31 4-6/2 *', '0 0 30-31 2 */1'].map(
    (schedule) => [schedule, 'name a day that its months have'] as const,
  ),
  ...['0 0 29 2 *', '0 0 31 1-2 *', '0 0 30 2 1', '0 0 28-31 2 *', '0 0 */30 2 *', '0 0 31 * *', '0 0 * 2 *', '0 0 1 */11 *'].map(
    (schedule) => [schedule, undefined] as const,
  ),
  ['0 0 31 11/2 *', 'name a day that its months have'] as const,
])('the schedule %s must %s', (schedule, fault) => {
  expect(scheduleFault(schedule)).toBe(fault);
});

test.each([
  ['0 0 1 * * *', undefined],
  ['TZ=Europe/Berlin 0 0 1 * * *', undefined],
  ['@every 12h', undefined],
  ['60 0 1 * * *', 'have the second from 0 to 59'],
  ['0 0 1 * *', 'have six fields, not 5'],
  ['0 0 1 31 2 *', 'name a day that its months have'],
])('the schedule %s with seconds must %s', (schedule, fault) => {
  expect(secondsScheduleFault(schedule)).toBe(fault);
});

test.each([
  ['Europe/Dubln', 'Europe/Dublin'],
  ['berlin', 'Europe/Berlin'],
  ['UTC+1', 'Europe/Berlin'],
])('the time zone %s is none, and %s is to be written', (zone, meant) => {
  expect(timeZoneFix(zone)).toBe(`write "${meant}", or leave it out for "Etc/UTC"`);
});
