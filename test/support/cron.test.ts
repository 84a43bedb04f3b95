import { clockChanges } from '../../lib/support/clock-changes';
import { clockFault, scheduleFault, secondsScheduleFault, timeZoneFix } from '../../lib/support/cron';

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

describe('where clocks change', () => {
  const never = 'left out in the night when clocks go forward';
  const twice = 'run twice in the night when clocks go back';
  const both = `${never}, and run twice in the night when they go back`;

  // As robfig/cron 3.0.1 found the next runs in 2027, by which Kubernetes does.
  test.each([
    ['30 2 * * *', 'Europe/Berlin', both],
    ['0 2 * * *', 'Europe/Berlin', both],
    ['59 2 * * *', 'Europe/Berlin', both],
    ['0 3 * * *', 'Europe/Berlin', undefined],
    ['0 1 * * *', 'Europe/Berlin', undefined],
    ['30 1 * * *', 'Europe/London', both],
    ['30 1 * * *', 'America/New_York', twice],
    ['30 2 * * *', 'America/New_York', never],
    ['@daily', 'America/Santiago', never],
    ['30 23 * * *', 'America/Santiago', twice],
    ['15 2 * * *', 'Australia/Lord_Howe', never],
    ['45 1 * * *', 'Australia/Lord_Howe', twice],
    ['45 2 * * *', 'Australia/Lord_Howe', undefined],
    ['0 2,14 * * *', 'Europe/Berlin', both],
    ['30 2 * * 0', 'Europe/Berlin', both],
    ['30 2 * * mon', 'Europe/Berlin', undefined],
    ['30 2 * 6 *', 'Europe/Berlin', undefined],
    ['30 2 * 10 *', 'Europe/Berlin', twice],
    ['*/15 * * * *', 'Europe/Berlin', undefined],
    ['0 */2 * * *', 'Europe/Berlin', undefined],
    ['30 2 1 * *', 'Europe/Berlin', undefined],
    ['@hourly', 'Europe/Berlin', undefined],
    ['@every 2h', 'Europe/Berlin', undefined],
    ['30 2 * * *', 'Etc/UTC', undefined],
    ['30 2 * * *', 'Asia/Tokyo', undefined],
    ['30 2 * * *', 'Europe/Istanbul', undefined],
  ])('a run at %s in %s is %s', (schedule, zone, told) => {
    const got = clockFault(schedule, zone);
    expect(told === undefined ? got : got?.startsWith(`${told} in ${zone}: write another hour, such as `)).toBe(told && true);
  });

  test('an hour that comes once is named', () => {
    expect(clockFault('30 2 * * *', 'Europe/Berlin')).toMatch(/such as 3, or leave 'timeZone' out for UTC$/);
    expect(clockFault('30 3 * * *', 'Europe/Athens')).toMatch(/such as 4,/);
    expect(clockFault('15 2 * * *', 'Australia/Lord_Howe')).toMatch(/such as 3,/);
    expect(clockFault('30 23 * * *', 'America/Santiago')).toMatch(/such as 3,/);
  });

  test('each zone has two changes a year, or none; Morocco stands an hour back for Ramadan', () => {
    const counts = Intl.supportedValuesOf('timeZone').map((zone) => clockChanges(zone).length);
    expect(new Set(counts)).toEqual(new Set([0, 2]));
    expect(
      clockChanges('Africa/Casablanca')
        .map(({ comes }) => comes)
        .toSorted(),
    ).toEqual(['never', 'twice']);
  });
});
