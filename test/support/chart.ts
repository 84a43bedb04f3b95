import { App, Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  Checks,
  KeyedSecret,
  mixRelease,
  OptOut,
  PhoenixRelease,
  Probe,
  ProbedDeployment,
  render,
  Resources,
  rules,
  type KubernetesVersion,
  type Manifest,
  type PhoenixApplication,
  type PhoenixReleaseProps,
  type ProbedDeploymentProps,
} from '../../lib/index';
import { Unbuildable } from '../../lib/support/reject';
import { sayKubernetes } from '../../lib/support/kubernetes';

/** A chart to try one construct in, with a namespace as every object needs one. */
export function chart(kubernetes?: KubernetesVersion): Chart {
  const app = new App();
  if (kubernetes) sayKubernetes(app, kubernetes);
  return new Chart(app, 'chart', { namespace: 'test', disableResourceNameHashes: true });
}

/** The objects of a chart as they will stand in the YAML, in its order; without a look at the rules. */
export function objects(tried: Chart): Manifest[] {
  return (tried.toJson() as Manifest[]).map(withoutRules);
}

/** Why the rules do not look at what is tried alone. */
const ALONE = 'one construct alone is no environment';
const REASONS = 'cdk8s-phoenix/opt-outs';

/** An object without the reason that no rule looks at it, which is that of these tests. */
function withoutRules(manifest: Manifest): Manifest {
  const { [REASONS]: reasons, ...others } = (manifest['metadata']?.annotations ?? {}) as Record<string, string>;
  if (!reasons?.includes(ALONE)) return manifest;
  const own = reasons.split('\n').filter((line) => !line.endsWith(ALONE));
  const annotations = own.length > 0 ? { ...others, [REASONS]: own.join('\n') } : others;
  const { annotations: _, ...metadata } = manifest['metadata'] as Manifest;
  return { ...manifest, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata };
}

/** The objects of a chart by kind; of several of one kind the last. */
export function manifests(tried: Chart): Record<string, Manifest> {
  return Object.fromEntries(objects(tried).map((manifest) => [manifest['kind'], manifest]));
}

/** The only object of its kind. */
export function one(tried: Chart, kind: string): Manifest {
  const [found, ...others] = objects(tried).filter((manifest) => manifest['kind'] === kind);
  if (!found || others.length > 0) throw new Error(`${found ? others.length + 1 : 0} objects of kind ${kind}`);
  return found;
}

/** The spec of the pods that an object makes. */
export function podSpec(manifest: Manifest): Manifest {
  return manifest['spec'].template.spec as Manifest;
}

/** The only container of the pods that an object makes. */
export function container(manifest: Manifest): Manifest {
  const { containers } = podSpec(manifest) as { containers: Manifest[] };
  const [first, ...others] = containers;
  if (!first || others.length > 0) throw new Error(`${containers.length} containers`);
  return first;
}

/** What constructs refused, without the rules, as `[path] sentence`. */
export function refusals(tried: Chart): readonly string[] {
  const { root } = tried.node;
  const checks = Checks.of(root);
  for (const { name } of rules) checks.leaveOut(name, OptOut.because(ALONE));
  return render(root as App).faults;
}

/** What is refused in a chart that `make` filled, also where that stopped. */
export function refusalsOf(make: (tried: Chart) => unknown, kubernetes?: KubernetesVersion): readonly string[] {
  const tried = chart(kubernetes);
  try {
    make(tried);
  } catch (error) {
    if (!(error instanceof Unbuildable)) throw error;
  }
  return refusals(tried);
}

/** Where two pieces of YAML differ, as paths. */
export function differences(a: unknown, b: unknown, path = ''): string[] {
  if (Object.is(a, b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return [path];
  const [left, right] = [a as Manifest, b as Manifest];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .toSorted()
    .flatMap((key) => differences(left[key], right[key], `${path}/${key}`));
}

export const image = 'registry.example.com/kube-native:1.4.2';

export const resources = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) });

/** The fewest props of a Deployment. */
export const minimalDeployment: ProbedDeploymentProps = {
  name: 'web',
  image,
  probes: { readiness: Probe.exec({ command: ['ready'] }), liveness: Probe.exec({ command: ['alive'] }) },
  drain: { preStop: Duration.seconds(10), shutdown: Duration.seconds(20) },
  resources,
  replicas: 1,
};

/** The Deployment of {@link minimalDeployment} with some props changed. */
export function deployed(props: Partial<ProbedDeploymentProps> = {}, kubernetes?: KubernetesVersion): Manifest {
  const tried = chart(kubernetes);
  new ProbedDeployment(tried, 'Web', { ...minimalDeployment, ...props });
  return one(tried, 'Deployment');
}

/** What is refused in {@link minimalDeployment} with some props changed. */
export function deploymentRefusals(props: Partial<ProbedDeploymentProps>): readonly string[] {
  return refusalsOf((tried) => new ProbedDeployment(tried, 'Web', { ...minimalDeployment, ...props }));
}

export const application: PhoenixApplication = {
  name: 'kube-native',
  release: mixRelease({ release: 'kube_native_umbrella', module: 'KubeNative.Release' }),
  port: 4000,
  health: { ready: '/', frontPage: OptOut.because('what is tried here has no route for probes') },
  sockets: 1,
};

/** A release with the fewest props, some of them changed. */
export function release(scope: Chart, props: Partial<PhoenixReleaseProps> = {}): PhoenixRelease {
  const source = { existing: true } as const;
  const secret = props.secret ?? new KeyedSecret(scope, 'Secret', { name: 'kube-native', keys: ['SECRET_KEY_BASE'], source });
  const minimal = { application, image, host: 'kube-native.example.com', secret, replicas: 1, resources };
  return new PhoenixRelease(scope, 'Release', { ...minimal, ...props });
}
