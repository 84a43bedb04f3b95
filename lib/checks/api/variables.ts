import { isVariableName } from '../../support/forms';
import { apartFrom, filled, one, text, where, type Condition, type TypeRule } from './condition';

const RELAXED = /^[ -<>-~]+$/;

/** Names of variables as the API server takes them: any printable ASCII but `=` since 1.32. */
export const variableNames: TypeRule = {
  name: 'variable-names',
  sentence: 'Names of variables hold letters, digits, _, - and dots, and begin with no digit.',
  why: 'The API server refuses the pod template, after the objects before it were applied.',
  source: 'https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/',
  types: {
    EnvVar: [variableName('name', 'write it in upper case, as in POOL_SIZE')],
    EnvFromSource: [variableName('prefix', 'write it in upper case, as in APP_')],
  },
};

function variableName(field: string, fix: string): Condition {
  return where(
    field,
    (_got, _of, minor) =>
      minor >= 32 ? "be printable ASCII without '='" : "be letters, digits, '_', '-' and dots, and begin with no digit",
    fix,
    (got, of, minor) => filled((name) => isVariableName(name) || (minor >= 32 && RELAXED.test(name)))(got, of, minor),
  );
}

const SOURCES = 'configMapKeyRef fieldRef fileKeyRef resourceFieldRef secretKeyRef';
const OF_VARIABLES =
  /^(?:metadata\.(?:name|namespace|uid)|metadata\.(?:labels|annotations)\['[^']+'\]|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;
const OF_FILES = /^metadata\.(?:name|namespace|uid|labels|annotations|(?:labels|annotations)\['[^']+'\])$/;
const RESOURCE = /^(?:requests|limits)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** A merge of two manifests leaves both `value` and `valueFrom` behind. */
export const variableSources: TypeRule = {
  name: 'variable-sources',
  sentence: 'A variable has one source, and a field of the pod that it reads is one that can be read.',
  why: 'The API server refuses the pod template, and says it of the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields',
  types: {
    EnvVar: [apartFrom('value', 'valueFrom', 'leave one of the two', () => 'both')],
    EnvVarSource: [
      one(SOURCES, 'have one source', `leave one of ${SOURCES.replaceAll(' ', ', ')}`),
      where(
        'fieldRef.apiVersion',
        "be 'v1'",
        'leave it out',
        filled((version) => version === 'v1'),
      ),
      where(
        'fieldRef.fieldPath',
        'be a field that a variable can show',
        "use status.podIP, metadata.name or metadata.labels['key']",
        text((path) => OF_VARIABLES.test(path)),
      ),
      where(
        'resourceFieldRef.resource',
        'be a request or a limit of the container',
        'write it as limits.memory',
        text((resource) => RESOURCE.test(resource)),
      ),
    ],
    EnvFromSource: [one('configMapRef secretRef', 'have one of configMapRef and secretRef', 'write one entry for each source')],
    DownwardAPIVolumeFile: [
      where(
        'fieldRef.fieldPath',
        'be a field that a volume can show',
        'use metadata.labels or another of metadata',
        text((path) => OF_FILES.test(path)),
      ),
    ],
  },
};
