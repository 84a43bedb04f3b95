import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Severity } from '../checks/rule';
import { checked, type Checked } from '../check/check';
import { configIn, type Config } from '../check/config';
import { faultText, type Fault } from '../check/fault';
import type { Format } from '../check/formats/formats';
import { asGithub } from '../check/formats/github';
import { asJson } from '../check/formats/json';
import { asJunit } from '../check/formats/junit';
import { asSarif } from '../check/formats/sarif';
import { asText, counted, printable } from '../check/formats/text';
import { CONFIG, InputReader } from '../check/input';
import type { Report } from '../check/problem';
import { settingsOf, type Given, type LeaveOut, type Settings } from '../check/settings';

/** What the command line says. */
export interface CheckOptions extends Partial<Omit<Given, 'leaveOut'>> {
  /** Rules with the reasons: `image-digest=the tag is the commit`. */
  readonly leaveOut?: readonly string[];
  /** The file that says more. @default - that of the working folder, where there is one */
  readonly config?: string;
}

/** What is printed, and how it ended. */
export interface CheckOutcome {
  readonly text: string;
  /** 0: nothing was found; 1: something was; 2: something cannot be read. */
  readonly code: 0 | 1 | 2;
}

/** Judges YAML that anybody has written. */
export function check(paths: readonly string[], options: CheckOptions, standardInput = () => readFileSync(0)): CheckOutcome {
  const config = configOf(options.config);
  const settings = settled(options, config);
  if (!isSettings(settings)) return refused(settings, 'text');
  const { report, faults }: Checked = checked(paths, settings, standardInput);
  if (!report) return refused(faults, settings.format);
  const told = atLeast(report, settings.severity);
  return { text: written(told, settings), code: told.problems.length > 0 ? 1 : 0 };
}

function configOf(named: string | undefined): Config | undefined {
  const path = named ?? (existsSync(CONFIG) ? CONFIG : undefined);
  if (path === undefined) return undefined;
  const none = { given: { leaveOut: [], provide: [], beam: [] }, placeOf: () => ({ file: path }) };
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true) {
    const fix = 'correct the path, or leave the option out';
    return { ...none, faults: [{ file: path, prop: '--config', must: 'be a file that is there', got: path, fix }] };
  }
  const { files, faults } = new InputReader(() => Buffer.alloc(0)).read([path]);
  const [file] = files;
  return file ? configIn(file) : { ...none, faults };
}

/** What both say together; the command line knows better. */
function settled(options: CheckOptions, config: Config | undefined): Settings | readonly Fault[] {
  if (config && config.faults.length > 0) return config.faults;
  const { config: _, leaveOut = [], provide = [], beam = [], ...texts } = options;
  const both: Given = {
    ...config?.given,
    ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined)),
    leaveOut: [...(config?.given.leaveOut ?? []), ...leaveOut.map(excuseIn)],
    provide: [...(config?.given.provide ?? []), ...provide],
    beam: [...(config?.given.beam ?? []), ...beam],
  };
  const settings = settingsOf(both, (option) => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (!Array.isArray(settings)) return settings as Settings;
  return settings.map((refusal) => ({ file: config ? `check, with ${config.placeOf('').file}` : 'check', ...refusal }));
}

function isSettings(settings: Settings | readonly Fault[]): settings is Settings {
  return !Array.isArray(settings);
}

function excuseIn(text: string): LeaveOut {
  const [, rule = text, reason = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  return { rule, reason };
}

function atLeast(report: Report, severity: Severity | undefined): Report {
  const problems = report.problems.filter((one) => severity !== 'error' || one.severity === 'error');
  return { ...report, problems, untold: report.problems.length - problems.length };
}

function written(report: Report, settings: Pick<Settings, 'format' | 'severity'>): string {
  switch (settings.format) {
    case 'json':
      return asJson(report);
    case 'sarif':
      return asSarif(report);
    case 'github':
      return asGithub(report);
    case 'junit':
      return asJunit(report);
    case 'text':
      return asText(report, settings);
  }
}

/** What cannot be read, in the form that was asked for: whoever reads JSON finds it there as well. */
function refused(faults: readonly Fault[], format: Format): CheckOutcome {
  const count = `${counted(faults.length, 'fault')}; nothing was checked`;
  if (format === 'text') return { text: `${[...faults.map(faultText), count].map(printable).join('\n')}\n`, code: 2 };
  const problems = faults.map(({ file, line = 1, column = 1, prop, must, got, fix }) => ({
    rule: 'readable',
    severity: 'error' as const,
    must,
    got: String(got),
    fix,
    why: UNREADABLE.why,
    source: UNREADABLE.source,
    places: [{ file, line, column, object: 'input', field: prop }],
  }));
  const report: Report = { problems, objects: 0, releases: [], notes: [count], rules: [UNREADABLE] };
  return { text: written(report, { format }), code: 2 };
}

const UNREADABLE = {
  name: 'readable',
  sentence: 'All that is named can be read.',
  why: 'What cannot be read is not applied either, and others may name it.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/',
  severity: 'error',
} as const;
