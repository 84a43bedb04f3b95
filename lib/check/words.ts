/** What rules say to somebody who writes literals, and how that is done on a command line. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/find (pods|Services) of the environment/g, 'find $1'],
  [/Checks\.of\(app\)\.provide\(\{ kind: '([^']+)', name: '([^']+)' \}\)/g, '--provide $1/$2'],
  [/Checks\.of\(app\)\.provide\(\{ kind: '([^']+)', name \}\)/g, '--provide $1/<name>'],
  [/Checks\.of\(app\)\.leaveOut\('([^']+)', OptOut\.because\('\.\.\.'\)(?:, \w+)?\)/g, '--leave-out $1=<reason>'],
  [/declare it with (--provide \S+)/g, 'say $1'],
  [/, by 'singleton: true' of a role/g, ''],
  [/[,;]? or say 'singleton: true' of the role/g, ''],
  [/take it out: 'application\.port' gives .*$/g, 'give both the same number'],
  [
    /, or say 'tls: OptOut\.because\(\.\.\.\)' of our routes where TLS ends in front/g,
    ', or set PHX_URL_SCHEME where TLS ends in front',
  ],
  [/raise the environment's Kubernetes version/g, 'say a newer --kubernetes'],
  [/, or raise operators\['[^']+'\] of the environment/g, ''],
  [/where an operator makes the pods, leave the rule out here/g, 'where an operator makes the pods, --leave-out this rule'],
  [/,? ?or pass its link in 'databases' of the release;?/g, ''],
  [
    /^add .*\{ port: (\d+).* to 'egress' of the NetworkFence.*$/s,
    'add an egress rule for port $1 to a NetworkPolicy of these pods',
  ],
  [/^write backingServices: .*NetworkFence$/s, 'open the way in the egress of a NetworkPolicy of these pods'],
  [/name the namespace of the controller in 'proxies' of the route \('clients' of the NetworkFence\), or /g, ''],
  [/ \('nodeVariables' of the BeamCluster\)/g, ''],
  [/; it is '\w+'(?: or '\w+')? of the .*$|; it is two after '\w+' of the .*$/s, ''],
  [/: 'erlangFlags' of the release$/g, ''],
  [/pods have names that stay with 'stateful' alone/g, 'pods of a StatefulSet alone have names that stay'],
  [/, the six lines in docs\/application\.md, and name it: .*$/s, ', such as /health/ready, and ask that'],
  [/until then say why: health: .*$/s, ''],
  [/, in 'pods' of the environment or the release for all of its pods/g, ' in imagePullSecrets'],
  [/, or leave out what waits: migrations: .*$/s, ''],
  [/; for pods that keep the pooler, declare both with ManagedPostgres[^;]*/g, ''],
  [/, which PodPooler\.pgBouncer as 'pooler' of ManagedPostgres does by itself/g, ''],
  [/, by 'shutdown' of a worker or 'queueShutdown' of the application; have (\w+) follow.*$/s, ' above $1'],
  [/set 'ipv6' of the release as the addresses are, and leave ECTO_IPV6 to it/g, 'set ECTO_IPV6 as the addresses are'],
  [/, as 'idle' of our routes does,/g, ''],
];

/** What a rule says, in the words of whoever has the YAML alone. */
export function inOtherWords(said: string): string {
  return WORDS.reduce((text, [pattern, words]) => text.replace(pattern, words), said);
}
