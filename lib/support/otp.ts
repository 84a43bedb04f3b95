import { isBefore } from './versions';

/** From which OTP on a flag is known, by the release notes of erts and kernel. Of flags of the emulator, others are older than all that runs. */
const SINCE: Readonly<Record<string, string>> = {
  '+hmax': '19',
  '+hmaxel': '19',
  '+hmaxk': '19',
  '+IOp': '21',
  '+IOt': '21',
  '+sbwtdcpu': '21',
  '+sbwtdio': '21',
  '+swtdcpu': '21',
  '+swtdio': '21',
  '+JPperf': '24',
  '+ssrct': '25',
  '+JMsingle': '26',
  '+JPcover': '27',
  '-start_epmd': '19',
  // In 23.0 it had no effect.
  '-erl_epmd_port': '23.1',
};

/** The first OTP that knows a flag, where the given one does not; undefined where it does, or nobody knows. */
export function newerThan(otp: string | undefined, flag: string): string | undefined {
  const since = SINCE[flag];
  return otp !== undefined && since !== undefined && isBefore(otp, since) ? since : undefined;
}
