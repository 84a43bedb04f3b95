import { existsSync } from 'node:fs';
import type { Severity } from '../model/finding';
import { checked, type Checked } from '../check/check';
import { configIn, NOTHING, type Config } from '../check/config';
import { faultText, type Fault } from '../check/fault';
import { FORMATS, type Format } from '../check/formats/formats';
import { asGithub } from '../check/formats/github';
import { asJson } from '../check/formats/json';
import { asJunit } from '../check/formats/junit';
import { asSarif } from '../check/formats/sarif';
import { asideOf, asText, lastLine, printable } from '../check/formats/text';
import { bytesOf } from '../check/bytes';
import { CONFIG, InputReader, MOST_BYTES } from '../check/input';
import type { Problem, Report } from '../check/problem';
import { display } from '../support/reject';
import { settingsOf, type LeaveOut, type Settings } from '../check/settings';

/** What the command line says. */
export interface CheckOptions {
  readonly kubernetes?: string;
  readonly namespace?: string;
  readonly previous?: string;
  readonly format?: string;
  readonly severity?: string;
  readonly provide?: readonly string[];
  readonly beam?: readonly string[];
  /** Rules with the reasons: `image-digest=the tag is the commit`. */
  readonly leaveOut?: readonly string[];
  /** The file that says more. @default - that of the working folder, where there is one */
  readonly config?: string;
}

/** What is printed, and how it ended. */
export interface CheckOutcome {
  readonly text: string;
  /** What is said beside it, where the format has no place that people see. @default - nothing */
  readonly aside?: string;
  /** 0: nothing was found; 1: something was; 2: something cannot be read. */
  readonly code: 0 | 1 | 2;
}

/** Judges YAML that anybody has written. */
export function check(
  paths: readonly string[],
  options: CheckOptions,
  standardInput = () => bytesOf(0, MOST_BYTES),
): CheckOutcome {
  const config = configOf(options.config);
  const settings = settled(options, config);
  // Whoever reads JSON reads it also of a word that is wrong.
  const form = FORMATS.find((one) => one === (options.format ?? config?.given.format?.text)) ?? 'text';
  if (!isSettings(settings)) return refused(settings, form);
  const { report, faults }: Checked = checked(paths, settings, standardInput);
  if (!report) return refused(faults, settings.format);
  const told = atLeast(report, settings.severity);
  return { ...written(told, settings), code: told.problems.length > 0 ? 1 : 0 };
}

function configOf(named: string | undefined): Config | undefined {
  const path = named ?? (existsSync(CONFIG) ? CONFIG : undefined);
  if (path === undefined) return undefined;
  const { files, faults, skipped } = new InputReader(() => Buffer.alloc(0)).readAlone(path);
  const [file] = files;
  if (file) return configIn(file);
  const [{ why: got } = { why: path }] = skipped;
  const fix = 'correct the path, or leave the option out';
  const missing = { file: path, prop: '--config', must: 'be a file that is there', got, fix };
  return { given: NOTHING, faults: faults.length > 0 ? faults : [missing] };
}

/** What both say together; the command line knows better. */
function settled(options: CheckOptions, config: Config | undefined): Settings | readonly Fault[] {
  if (config && config.faults.length > 0) return config.faults;
  const { config: _, leaveOut = [], provide = [], beam = [], ...texts } = options;
  const said = (prop: string) => (text: string) => ({ text, prop, place: COMMAND });
  const given = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, said(`--${name}`)(text)]]));
  return settingsOf({
    ...config?.given,
    ...Object.fromEntries(given),
    leaveOut: [...leaveOut.map(excuseIn), ...(config?.given.leaveOut ?? [])],
    provide: [...(config?.given.provide ?? []), ...provide.map(said('--provide'))],
    beam: [...(config?.given.beam ?? []), ...beam.map(said('--beam'))],
  });
}

/** Where something stands that is no file's. */
const COMMAND = { file: 'check' };

function isSettings(settings: Settings | readonly Fault[]): settings is Settings {
  return !Array.isArray(settings);
}

function excuseIn(text: string): LeaveOut {
  const [, rule = text, reason = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  return { rule: rule.trim(), reason, prop: '--leave-out', place: COMMAND };
}

function atLeast(report: Report, severity: Severity | undefined): Report {
  const problems = report.problems.filter((one) => severity !== 'error' || one.severity === 'error');
  return { ...report, problems, untold: report.problems.length - problems.length };
}

function written(report: Report, settings: Pick<Settings, 'format' | 'severity'>): Omit<CheckOutcome, 'code'> {
  const aside = asideOf(report);
  switch (settings.format) {
    case 'json':
      return { text: asJson(report) };
    case 'sarif':
      return { text: asSarif(report), aside };
    case 'github':
      return { text: asGithub(report) };
    case 'junit':
      return { text: asJunit(report), aside };
    case 'text':
      return { text: asText(report, settings) };
  }
}

/** What cannot be read, in the form that was asked for: whoever reads JSON finds it there as well. */
function refused(faults: readonly Fault[], format: Format): CheckOutcome {
  const { name: rule, severity, why, source } = UNREADABLE;
  const problems = faults.map(({ file, line = 1, column = 1, prop, must, got, fix }): Problem => {
    const places = [{ file, line, column, object: 'input', field: prop }];
    return { rule, severity, policy: false, must, got: display(got), fix, why, source, places };
  });
  const report: Report = { problems, objects: 0, releases: [], notes: [], rules: [UNREADABLE], unread: true };
  const log = [...faults.map(faultText), lastLine(report)].map((line) => `${printable(line)}\n`).join('');
  if (format === 'text') return { text: log, code: 2 };
  const { text, aside } = written(report, { format });
  return { text, ...(aside === undefined ? {} : { aside: log }), code: 2 };
}

const UNREADABLE = {
  name: 'readable',
  sentence: 'All that is named can be read.',
  why: 'What cannot be read is not applied either, and others may name it.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/',
  severity: 'error',
} as const;
