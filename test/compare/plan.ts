import { readFileSync, writeFileSync } from 'node:fs';
import { everydayChanges } from '../plan/changes';
import { side } from '../plan/report';
import { bare, claimed, OUTCOMES, planned, type Outcome } from './outcome';
import { trialOf, tried, type Trial } from './trial';
import type { YamlChange } from './yaml-change';
import { yamlChanges } from './yaml-changes';

const AT_ONCE = 6;
const SEEN = 'test/compare/seen.json';
/** Of the changes of literals, how many are applied by the server too. */
const EVERY = 3;

/** What is compared. */
interface Counts {
  readonly claims: number;
  readonly silences: number;
  readonly wrong: readonly string[];
}

/** A literal on both sides, as the YAML of its objects. */
function literalChanges(): [string, YamlChange][] {
  return Object.entries(everydayChanges).map(([name, { before, now, of = [] }]) => {
    const [was, is] = [side(before, of[0]), side(now, of[1] ?? of[0])].map(({ world }) =>
      world.objects.map(({ manifest }) => manifest),
    );
    // Where nothing changes nothing is applied.
    return [`a literal: ${name}`, { before: was ?? [], now: is ?? [], ended: name !== 'nothing' }];
  });
}

function trials(only: string): Trial[] {
  const literals = literalChanges();
  const yaml = Object.entries(yamlChanges);
  const all = [
    ...yaml.map((one, index) => ({ one, id: `y${index}`, serverSide: false })),
    ...literals.map((one, index) => ({ one, id: `l${index}`, serverSide: false })),
    ...yaml.map((one, index) => ({ one, id: `z${index}`, serverSide: true })),
    ...literals.map((one, index) => ({ one, id: `m${index}`, serverSide: true })).filter((_, index) => index % EVERY === 0),
  ];
  return all.filter(({ one }) => one[0].includes(only)).map(({ one, ...how }) => trialOf(...one, how));
}

/** Compares what a plan claims of a change with what happens, object by object. */
function judged(trial: Trial, happened: Outcome & { readonly said: string }): Counts {
  const { name, before, now, serverSide, ended = false } = trial;
  const claims = claimed(planned(before, now), { ended, serverSide });
  const wrong = OUTCOMES.flatMap((kind) => {
    const [said, seen] = [claims[kind], happened[kind]];
    const how = `${name}${serverSide ? ' (server-side)' : ''}: ${kind}`;
    return [
      ...said.filter((one) => !seen.includes(one)).map((one) => `${how} ${one}, said the plan, and it does not`),
      ...seen
        .filter((one) => !said.includes(one))
        .map((one) => `${how} ${one}, and the plan does not say it: ${reasonOf(one, happened.said)}`),
    ];
  });
  const number = OUTCOMES.reduce((sum, kind) => sum + claims[kind].length, 0);
  return { claims: number, silences: now.length * 2 + before.length - number, wrong };
}

function reasonOf(name: string, said: string): string {
  const title = name.slice(name.indexOf('/') + 1);
  return said
    .split('\n')
    .filter((line) => line.includes(title))
    .join(' ')
    .slice(0, 300);
}

/** What was seen of a change, and how it differs where the server applies it. */
export type Seen = Outcome & { readonly serverSide?: Outcome };

/** Puts down what was seen, so that the plan is held to it without a cluster too. */
function noted(seen: Record<string, Seen>, { name, serverSide }: Trial, happened: Outcome): void {
  const known = seen[name] ?? happened;
  const isAlike = JSON.stringify(bare(known)) === JSON.stringify(happened);
  seen[name] = serverSide ? { ...known, ...(isAlike ? {} : { serverSide: happened }) } : happened;
  const names = Object.keys(yamlChanges).filter((one) => one in seen);
  writeFileSync(SEEN, `${JSON.stringify(Object.fromEntries(names.map((one) => [one, seen[one]])), undefined, 2)}\n`);
}

async function compared(trial: Trial, seen: Record<string, Seen>): Promise<Counts> {
  try {
    const { said, ...happened } = await tried(trial);
    const result = judged(trial, { ...happened, said });
    for (const line of result.wrong) console.log(line);
    if (trial.name in yamlChanges) noted(seen, trial, bare(happened));
    return result;
  } catch (error) {
    console.log(String(error));
    return { claims: 0, silences: 0, wrong: [String(error)] };
  }
}

/** Applies changes to a cluster, and compares what happens with what the plan of each says. */
export async function comparePlan(only: string): Promise<void> {
  const [todo, counts] = [trials(only), [] as Counts[]];
  const changes = new Set(todo.map(({ name }) => name)).size;
  const seen = only === '' ? {} : (JSON.parse(readFileSync(SEEN, 'utf8')) as Record<string, Seen>);
  const work = async (): Promise<void> => {
    for (let trial = todo.shift(); trial; trial = todo.shift()) {
      counts.push(await compared(trial, seen));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const sum = (of: (count: Counts) => number): number => counts.reduce((all, count) => all + of(count), 0);
  const [claims, silences, wrong] = [sum((one) => one.claims), sum((one) => one.silences), sum((one) => one.wrong.length)];
  console.log(`${changes} changes, applied ${counts.length} times: ${claims} claims, ${silences} times none, ${wrong} wrong`);
  if (wrong > 0) process.exitCode = 1;
}
