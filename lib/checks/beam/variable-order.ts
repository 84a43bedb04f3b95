import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

/** A reference that cannot be replaced is no error: the variable then holds `$(POD_IP)`, letter for letter. */
export const variableOrder: Rule = {
  name: 'variable-order',
  sentence: 'A variable refers only to variables above it, and one in a ConfigMap to none.',
  why: 'The text "$(POD_IP)" becomes part of the node\'s name as it stands, and the pod crashes or never finds another node.',
  source: 'https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/',
  *find(world: World): Iterable<Finding> {
    for (const { containers, spec: pod } of inventoryOf(world).pods) {
      const linked = pod['enableServiceLinks'] !== false;
      for (const { variables } of containers) {
        for (const { name, object, field, value, secret, dangling } of variables.byName.values()) {
          if (object.manifest['kind'] === 'ConfigMap') {
            const [reference] = /\$\([A-Za-z_]\w*\)/.exec(value ?? '') ?? [];
            if (reference === undefined) continue;
            const fix = `write ${name} into the container's env, below ${reference.slice(2, -1)}: what a ConfigMap holds is not looked into`;
            yield { object, field, must: 'refer to no variable', got: reference, fix };
          }
          for (const other of dangling) {
            const below = variables.byName.has(other);
            if (secret !== undefined || (!below && (!variables.complete || (linked && SERVICE_LINK.test(other))))) continue;
            const fix = below
              ? `put ${other} above ${name}, or write $$(${other}) for the text itself`
              : `define ${other} above ${name}, or write $$(${other}) for the text itself`;
            yield { object, field, must: 'refer only to variables above it', got: `$(${other})`, fix };
          }
        }
      }
    }
  },
};

/** Variables that Kubernetes itself makes from Services. */
const SERVICE_LINK = /_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)/;
