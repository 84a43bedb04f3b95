import type { PhoenixApplication } from '../release/application';
import type { BaseImages, ImageSource } from '../release/image-source';
import { parseImage, unreadable } from '../support/image';
import type { Refusal } from '../support/reject';
import { baseSystemRefusals } from './base-systems';
import { webAppOf } from './facts';

const AT = 'application.source';

/** What a text must be like. */
interface Form {
  readonly form: RegExp;
  readonly must: string;
  readonly fix: string;
}

const VERSION: Form = {
  form: /^\d+\.\d+\.\d+(?:-rc\.\d+)?$/,
  must: 'be a whole version, of three numbers',
  fix: "write it as '1.18.4'",
};
const FORMS = {
  elixir: { ...VERSION, fix: "write what 'elixir --version' says, such as '1.18.4': the tags of images have all three" },
  otp: {
    form: /^\d+(?:\.\d+){1,3}(?:-rc\d+)?$/,
    must: 'be a whole version, of two numbers or more',
    fix: "write it as in the file OTP_VERSION, such as '27.3.4'",
  },
  debian: {
    form: /^[a-z]+-\d{8}(?:-slim)?$/,
    must: 'be a release of Debian with the day of its image',
    fix: "write it as 'trixie-20260803-slim': without the day it is another one each month",
  },
  alpine: { ...VERSION, fix: "write it as '3.22.1'" },
  node: { ...VERSION, fix: "write what 'node --version' says, such as '22.19.0'" },
  app: {
    form: /^[a-z][a-z0-9_]*$/,
    must: 'be the name of an application: lower-case letters, digits and _',
    fix: 'write the name of its folder in apps/',
  },
  package: {
    form: /^[a-z0-9][a-z0-9.+_-]*(?:~?=[\w.+~:-]+)?$/,
    must: 'be the name of one package, in lower case',
    fix: "write one name each: ['imagemagick', 'libvips42']",
  },
  path: {
    form: /^(?!-|\.{1,2}(?:\/|$))[\w.@+-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.@+-]+)*$/,
    must: "be a path in the application's source, without patterns",
    fix: "write it from the folder with mix.exs, such as 'vendor/money'",
  },
  context: {
    form: /^(?:\.{1,2}|[\w@+][\w.@+-]*)(?:\/(?:\.\.|[\w@+-][\w.@+-]*))*$/,
    must: 'be a path from the folder of the stack',
    fix: "write '..' where the stack is a folder of the application's repository",
  },
  script: { form: /^[\w.:-]+$/, must: 'be the name of a script', fix: "write the name in 'scripts' of assets/package.json" },
  digest: {
    form: /^sha256:[a-f0-9]{64}$/,
    must: 'be sha256: and 64 hex digits in lower case',
    fix: "write what 'docker buildx imagetools inspect' says of the image",
  },
  label: {
    form: /^[a-z0-9]+(?:[.-][a-z0-9_-]+)*$/,
    must: 'be a name of lower-case letters, digits, dots and dashes',
    fix: "write it as 'org.opencontainers.image.source'",
  },
} as const satisfies Readonly<Record<string, Form>>;

/** What is wrong with what an image is built from. */
export function sourceRefusals({ release, source }: PhoenixApplication): readonly Refusal[] {
  if (source === undefined) return [];
  if (release.build === undefined) {
    const fix = 'make the tool by mixRelease, distilleryRelease or exrmRelease, or give it what they give in build';
    return [{ prop: AT, must: 'be left out where it is not known how the release is built', got: release.release, fix }];
  }
  const { elixir, otp, context, assets, labels = {}, bases = {} } = source;
  const given = [
    of('elixir', elixir, FORMS.elixir),
    of('otp', otp, FORMS.otp),
    'debian' in source ? of('debian', source.debian, FORMS.debian) : of('alpine', source.alpine, FORMS.alpine),
    context === undefined ? [] : of('context', context, FORMS.context),
    typeof assets === 'object' ? of('assets.node', assets.node, FORMS.node) : [],
    typeof assets === 'object' && assets.script !== undefined ? of('assets.script', assets.script, FORMS.script) : [],
    lists(source),
    gitRefusals(source),
    appRefusals(source),
    Object.entries(labels).flatMap((label) => labelRefusals(label)),
    baseRefusals(source, bases),
    baseSystemRefusals(source, bases),
  ];
  return given.flat();
}

function of(prop: string, got: string, { form, must, fix }: Form): Refusal[] {
  return form.test(got) ? [] : [{ prop: `${AT}.${prop}`, must, got, fix }];
}

/** Each of a list, and none twice. */
function lists(source: ImageSource): Refusal[] {
  const { apps, config, mixFiles, pathDependencies, include, systemPackages, buildPackages } = source;
  const forms = [
    ['apps', apps, FORMS.app],
    ['config', config, FORMS.path],
    ['mixFiles', mixFiles, FORMS.path],
    ['pathDependencies', pathDependencies, FORMS.path],
    ['include', include, FORMS.path],
    ['systemPackages', systemPackages, FORMS.package],
    ['buildPackages', buildPackages, FORMS.package],
  ] as const;
  return forms.flatMap(([prop, given = [], form]) =>
    given.flatMap((one, index) => {
      if (given.indexOf(one) === index) return of(`${prop}.${index}`, one, form);
      return [{ prop: `${AT}.${prop}`, must: 'name each once', got: one, fix: 'take out the second one' }];
    }),
  );
}

/** What the builder is not to have: with it the build stops. */
function gitRefusals({ include = [], mixFiles = [] }: ImageSource): Refusal[] {
  const fix = "write what is read of it into a file beforehand, such as VERSION, and name that in 'mixFiles'";
  const all = Object.entries({ include, mixFiles }).flatMap(([prop, paths]) => paths.map((path) => [prop, path] as const));
  return all
    .filter(([, path]) => path.split('/').includes('.git'))
    .map(([prop, got]) => ({ prop: `${AT}.${prop}`, must: 'be without .git, which has all that was ever committed', got, fix }));
}

function appRefusals(source: ImageSource): Refusal[] {
  const { apps, web, assets } = source;
  const at = `${AT}.web`;
  if (apps === undefined) {
    const fix = 'name the applications in apps too, or remove it';
    return web === undefined ? [] : [{ prop: at, must: 'be left out where there is no umbrella', got: web, fix }];
  }
  if (apps.length === 0) {
    return [
      {
        prop: `${AT}.apps`,
        must: 'name the applications of an umbrella',
        got: apps,
        fix: 'remove it where there is no umbrella',
      },
    ];
  }
  const fix = `use one of ${apps.join(', ')}`;
  if (web !== undefined && !apps.includes(web)) return [{ prop: at, must: 'be one of the applications in apps', got: web, fix }];
  if (assets === 'none' || webAppOf(source) !== undefined) return [];
  const must = "be given where not exactly one of the applications is called '..._web'";
  return [{ prop: at, must, got: undefined, fix: `${fix}, or assets: 'none' where none has static files` }];
}

/** Labels that are written from other facts. */
const WRITTEN_LABELS = ['title', 'base.name', 'base.digest', 'revision'].map((name) => `org.opencontainers.image.${name}`);

function labelRefusals([key, value]: readonly [string, string]): Refusal[] {
  const prop = `labels.${key}`;
  const named = FORMS.label.form.test(key)
    ? []
    : [{ prop: `${AT}.labels`, must: FORMS.label.must, got: key, fix: FORMS.label.fix }];
  const taken = WRITTEN_LABELS.includes(key)
    ? [{ prop: `${AT}.${prop}`, must: 'be left out: it is written by itself', got: value, fix: 'remove it' }]
    : [];
  const lines = /[\r\n]/.test(value)
    ? [{ prop: `${AT}.${prop}`, must: 'be one line', got: value, fix: 'write it in one line' }]
    : [];
  return [...named, ...taken, ...lines];
}

function baseRefusals({ assets, elixir }: ImageSource, bases: BaseImages): Refusal[] {
  const node = bases.node !== undefined && typeof assets !== 'object';
  const fix = "write assets: { node: '22.19.0' }, or remove it";
  const unused = node ? [{ prop: `${AT}.bases.node`, must: 'be left out where Node builds nothing', got: bases.node, fix }] : [];
  const each = (['builder', 'runner', 'node'] as const).flatMap((stage) => {
    const { image, digest } = bases[stage] ?? {};
    const prop = `bases.${stage}`;
    return [
      ...(digest === undefined ? [] : of(`${prop}.digest`, digest, FORMS.digest)),
      ...imageRefusals(`${AT}.${prop}.image`, image),
    ];
  });
  return [...unused, ...each, ...otherElixir(elixir, bases.builder?.image)];
}

function imageRefusals(prop: string, image: string | undefined): Refusal[] {
  if (image === undefined) return [];
  const { tag, digest } = parseImage(image) ?? {};
  if (parseImage(image) === undefined)
    return [{ prop, must: unreadable(image), got: image, fix: "write it as 'registry.example.com/elixir:1.18.4'" }];
  if (digest !== undefined) return [{ prop, must: 'be without its digest', got: image, fix: "write that in 'digest'" }];
  if (tag !== undefined && tag !== 'latest') return [];
  return [{ prop, must: 'name one version', got: image, fix: 'add the tag: what "latest" is changes without a review' }];
}

/** The version stands in the tag a second time. */
function otherElixir(elixir: string, image: string | undefined): Refusal[] {
  const [, version] = /(?:^|\/)elixir:(\d+\.\d+\.\d+(?:-rc\.\d+)?)(?!\d)/.exec(image ?? '') ?? [];
  if (version === undefined || version === elixir) return [];
  const fix = `write elixir: '${version}', or another image`;
  return [{ prop: `${AT}.bases.builder.image`, must: `be of Elixir ${elixir}, as 'elixir' says`, got: image, fix }];
}
