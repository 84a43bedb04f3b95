import type { Severity } from '../model/finding';
import { rules } from '../checks/rules';
import type { External } from '../support/facts';
import { isLabel } from '../support/forms';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../support/kubernetes-versions';
import { didYouMean } from '../support/nearest';
import type { Refusal } from '../support/reject';
import type { Fault, Place } from './fault';
import { FORMATS, type Format } from './formats/formats';
import { externalIn } from './provided';

/** Something that was said, in the words of whoever said it. */
export interface Said {
  readonly text: string;
  /** The option or the key: `--provide`, `provide[1]`. */
  readonly prop: string;
  readonly place: Place;
}

/** A rule that does not hold. */
export interface LeaveOut extends Omit<Said, 'text'> {
  readonly rule: string;
  /** Why. */
  readonly reason: string;
  /** For which objects, as `Deployment/shop`; a star stands for anything. @default - for all */
  readonly objects?: readonly string[];
}

/** An object that is in the cluster without being in the input. */
export interface Provided extends External {
  readonly said: Said;
}

/** What is said of a check, on the command line or in a file. */
export interface Given {
  readonly kubernetes?: Said;
  readonly namespace?: Said;
  readonly previous?: Said;
  readonly format?: Said;
  readonly severity?: Said;
  readonly leaveOut: readonly LeaveOut[];
  readonly provide: readonly Said[];
  readonly beam: readonly Said[];
}

/** The same, where it is right. */
export interface Settings {
  readonly kubernetes: KubernetesVersion;
  /** That of objects which name none. @default - that of all others where they are in one, else `default` */
  readonly namespace?: string;
  readonly previous?: string;
  readonly format: Format;
  /** The least that is told. @default - errors one by one, warnings by their rules */
  readonly severity?: Severity;
  readonly leaveOut: readonly LeaveOut[];
  readonly provide: readonly Provided[];
  readonly beam: readonly Said[];
}

const SEVERITIES = ['error', 'warning'] as const;

/** What was said, or what is wrong with it. */
export function settingsOf(given: Given): Settings | readonly Fault[] {
  const reader = new SettingsReader();
  const settings = reader.read(given);
  return settings && reader.faults.length === 0 ? settings : reader.faults;
}

class SettingsReader {
  readonly faults: Fault[] = [];

  read({ kubernetes, namespace, previous, format, severity, leaveOut, provide, beam }: Given): Settings | undefined {
    const newest = KUBERNETES_VERSIONS.at(-1) ?? KUBERNETES_VERSIONS[0];
    const release = kubernetes && { ...kubernetes, text: kubernetes.text.replace(/^v|(?<=^v?1\.\d+)\..*$/g, '') };
    const settings = {
      kubernetes: release ? this.oneOf(release, KUBERNETES_VERSIONS) : newest,
      namespace: namespace && this.namespace(namespace),
      previous: previous?.text,
      format: format ? this.oneOf(format, FORMATS) : 'text',
      severity: severity && this.oneOf(severity, SEVERITIES),
      leaveOut: leaveOut.flatMap((one) => this.leaveOut(one)),
      provide: provide.flatMap((one) => this.provided(one)),
      beam: beam.flatMap((one) => this.beam(one)),
    };
    return settings.kubernetes && settings.format ? (settings as Settings) : undefined;
  }

  private oneOf<Word extends string>(said: Said, words: readonly Word[]): Word | undefined {
    const known = words.find((one) => one === said.text);
    const all = `write one of ${words.join(', ')}`;
    // Of versions the near one is another one.
    const fix = /\d/.test(said.text) ? all : didYouMean(said.text, words, all);
    if (known === undefined) this.refuse(said, { must: 'be one that is known', got: said.text, fix });
    return known;
  }

  private namespace(said: Said): string {
    const fix = 'write it as in shop';
    if (!isLabel(said.text)) this.refuse(said, { must: 'be the name of a namespace', got: said.text, fix });
    return said.text;
  }

  private leaveOut(one: LeaveOut): readonly LeaveOut[] {
    if (this.oneOf({ ...one, text: one.rule }, RULES) === undefined) return [];
    const fix = `write ${one.rule}=<the reason, in words>`;
    if (!/\S+\s+\S+/.test(one.reason))
      this.refuse(
        { ...one, prop: one.prop.startsWith('--') ? `${one.prop} ${one.rule}` : one.prop },
        { must: 'say why', got: one.reason, fix },
      );
    return [one];
  }

  private provided(said: Said): readonly Provided[] {
    const external = externalIn(said.text);
    if (!('must' in external)) return [{ ...external, said }];
    this.refuse(said, external);
    return [];
  }

  private beam(said: Said): readonly Said[] {
    const fix = 'write shop, shop/web, or an image, where a star stands for anything; with ! before it for what is none';
    if (said.text.replace(/^!/, '').trim() !== '') return [said];
    this.refuse(said, { must: 'name a container', got: said.text, fix });
    return [];
  }

  private refuse({ prop, place }: Omit<Said, 'text'>, refusal: Omit<Refusal, 'prop'>): void {
    this.faults.push({ ...place, prop, ...refusal });
  }
}

const RULES: readonly string[] = rules.map(({ name }) => name);
