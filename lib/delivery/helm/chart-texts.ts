import type { ReleaseFacts } from './release-facts';

/** Nothing can be set: what a value would change is in names of objects, and was checked with all the others. */
export const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  description: 'There are no values: change the environment, synthesize it, and write the chart anew.',
  type: 'object',
  // Helm gives it to a chart that is part of another one.
  properties: { global: { type: 'object' } },
  additionalProperties: false,
};

/** What Helm renders: each file as it is, for one namespace. */
export function objectsTemplate(paths: readonly string[], namespace: string): string {
  const wrong = `this chart is for the namespace ${namespace}, got %s; add --namespace ${namespace}`;
  return `{{- if ne .Release.Namespace "${namespace}" }}
{{- fail (printf "${wrong}" .Release.Namespace) }}
{{- end }}
{{- range list
${paths.map((path) => `  "${path}"`).join('\n')}
}}
---
{{ $.Files.Get . | required (printf "%s must be in the chart; write it anew" .) }}
{{- end }}
`;
}

/** What Helm says after an install, an upgrade and a rollback. */
export function notes(name: string, facts: ReleaseFacts, hasNamespace: boolean): string {
  const { application, namespace, timeout, controllers } = facts;
  const watched = controllers.map((controller) => `  kubectl -n ${namespace} rollout status ${controller}`);
  const made = `The namespace is no part of the release. Its labels, limits and quota go into the cluster before it, and again when they change:

  kubectl apply -f ${name}/namespace.yaml   # in the chart; helm pull --untar unpacks it

`;
  return `{{ .Release.Name }} is ${application} {{ .Chart.AppVersion }} in ${namespace}. Whether its pods run:

${watched.join('\n')}

${hasNamespace ? made : ''}Back to the revision before, which takes no migration back:

  helm rollback {{ .Release.Name }} --namespace ${namespace} --wait --timeout ${timeout}m

What helm uninstall leaves, jobs that were hooks and the configuration of pods, goes by

  kubectl -n ${namespace} delete job,serviceaccount,configmap -l app.kubernetes.io/part-of=${application}
`;
}

/** What whoever gets the chart must know before the first install. */
export function readme(name: string, facts: ReleaseFacts, hasNamespace: boolean): string {
  const { application, namespace, timeout } = facts;
  const first = hasNamespace ? `kubectl apply -f ${name}/namespace.yaml\n` : '';
  const beside = hasNamespace
    ? 'The first line makes the namespace with its labels, limits and quota, which are no part of the release. Then its Secrets, and what else\nthe objects name and the chart does not make, must be there: the jobs before the install need them.'
    : 'The namespace, its Secrets, and what else the objects name and the chart does not make, must be there before.';
  return `# ${name}

\`\`\`sh
${first}helm upgrade --install ${application} ${name} --namespace ${namespace} --wait --timeout ${timeout}m
\`\`\`

${beside}

There are no values: change the environment, synthesize it, and write the chart anew.
`;
}
