import { planOf } from '../../lib/plan/plan';
import { worldOf } from '../../lib/plan/world';
import type { Manifest } from '../../lib/index';
import { production } from '../support/stack';
import { side } from './report';

const objects = side(production).world.objects.map(({ manifest }) => manifest);

/** What is said of the web pods with another security context, and of the way back. */
function said(change: (container: Manifest) => Manifest): readonly string[] {
  const lower = objects.map((manifest) => {
    if (manifest['kind'] !== 'Deployment' || manifest['metadata'].name !== 'kube-native') return manifest;
    const copy = structuredClone(manifest);
    const { containers } = copy['spec'].template.spec as { containers: Manifest[] };
    copy['spec'].template.spec.containers = containers.map(change);
    return copy;
  });
  const [before, now] = [{ world: worldOf(objects) }, { world: worldOf(lower) }];
  return [planOf('shop', before, now), planOf('shop', now, before)].flatMap(({ sections }) =>
    sections.access.filter(({ kind }) => kind === 'lowered' || kind === 'hardened').map(({ text }) => text),
  );
}

const context = (more: Manifest) => (container: Manifest) => ({
  ...container,
  securityContext: { ...(container['securityContext'] as Manifest), ...more },
});

describe('hardening', () => {
  test.each([
    ['may run as root', 'runs as no root', { runAsNonRoot: false }],
    ['may write its image', 'cannot write its image', { readOnlyRootFilesystem: false }],
    ['may gain rights', 'gains no rights', { allowPrivilegeEscalation: true }],
    ['is privileged', 'is not privileged', { privileged: true }],
    ['keeps capabilities', 'drops all capabilities', { capabilities: {} }],
    ['adds capabilities', 'adds no capability', { capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }],
    ['has no seccomp profile', 'has a seccomp profile', { seccompProfile: { type: 'Unconfined' } }],
  ])('that is lowered is marked, and so is what is higher: %s', (lowered, held, more) => {
    expect(said(context(more))).toEqual([
      `LOWERED: ${lowered} (Deployment kube-native)`,
      `hardened: ${held} (Deployment kube-native)`,
    ]);
  });
});
