import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, placeOf } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { map } from '../../model/values';

/** What Plug wants of a key for its cookies. */
const LEAST_BYTES = 64;

/** A key that was made up by hand is short, and nobody asks for its length before the first session. */
export const keyBaseLength: Rule = {
  name: 'key-base-length',
  sentence: 'SECRET_KEY_BASE has 64 bytes at least, where the YAML shows it.',
  why: 'The release boots, and the first request that has a session fails: "cookie store expects conn.secret_key_base to be at least 64 bytes".',
  source: 'https://hexdocs.pm/plug/Plug.Session.COOKIE.html',
  *find(world: World): Iterable<Finding> {
    const told = new Set<string>();
    for (const beam of beamContainers(world)) {
      const { value } = beam.variables.byName.get('SECRET_KEY_BASE') ?? {};
      // Who only migrates has no sessions; fields of the pod, and what refers to another variable, are known in the cluster alone.
      if (beam.endsFirst || beam.workload.task || !value || /^<|\$\(/.test(value) || Buffer.byteLength(value) >= LEAST_BYTES)
        continue;
      const place = whereItStands(beam, inventoryOf(world));
      const key = `${place.object.construct.node.path} ${place.field}`;
      if (told.has(key)) continue;
      told.add(key);
      const fix = 'make one with mix phx.gen.secret';
      yield { ...place, must: `have ${LEAST_BYTES} bytes or more`, got: `${Buffer.byteLength(value)} bytes`, fix };
    }
  },
};

/** The Secret that it comes from, rather than the variable: many may read it. */
function whereItStands(beam: BeamContainer, inventory: Inventory): Pick<Finding, 'object' | 'field'> {
  const [name = '', key = ''] = beam.variables.byName.get('SECRET_KEY_BASE')?.secret?.split('/') ?? [];
  const object = name === '' ? undefined : inventory.find('Secret', name, beam.workload.namespace)?.object;
  if (!object) return placeOf(beam, 'SECRET_KEY_BASE');
  return { object, field: `${Object.hasOwn(map(object.manifest['stringData']), key) ? 'stringData' : 'data'}.${key}` };
}
