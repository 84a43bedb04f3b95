/** How the objects of an environment get into its cluster. The order of its migrations and its pods depends on it. */
export type Delivery =
  /** `kubectl apply`, file after file, with `kubectl wait` between the jobs and the pods. */
  | 'apply'
  /** Argo CD, in one Application: the jobs are hooks of the sync, and everything has its wave. */
  | 'argo'
  /** Helm, as one chart: the jobs are hooks of the install and of the upgrade. */
  | 'helm'
  /** Flux, in one Kustomization for each step: each step waits for the one before. */
  | 'flux';

/** When an object has its turn. What has none comes first: Secrets, configuration, the database, the fence. */
export type Turn =
  /** The ServiceAccount of a job before the roll-out. */
  | 'account'
  /** The scripts of a job before the roll-out. */
  | 'scripts'
  /** A job before the roll-out. */
  | 'before'
  /** The pods that keep running. */
  | 'pods'
  /** A job after the roll-out. */
  | 'after'
  /** A job that takes migrations back: once, after the pods that no longer need them run. */
  | 'rollback'
  /** What is well only once pods run, and would hold up all that comes after it. */
  | 'last'
  /** What pods of the version before still read while they are replaced. */
  | 'configuration';

type Annotations = Readonly<Record<string, string>>;

const wave = (number: number): Annotations => ({ 'argocd.argoproj.io/sync-wave': `${number}` });

/** The hook of the version before is removed first: a Job of the same name could not be changed. */
const syncHook: Annotations = {
  'argocd.argoproj.io/hook': 'Sync',
  'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
};

const helmHook = (hook: string, weight: number): Annotations => ({
  'helm.sh/hook': hook,
  'helm.sh/hook-weight': `${weight}`,
  'helm.sh/hook-delete-policy': 'before-hook-creation',
});

const kept: Annotations = { 'helm.sh/resource-policy': 'keep' };

const pruneLast: Annotations = { 'argocd.argoproj.io/sync-options': 'PruneLast=true' };

const TURNS: Readonly<Record<Delivery, Readonly<Partial<Record<Turn, Annotations>>>>> = {
  apply: {},
  // What is not healthy fails a wave, unless it is the last one; where something is pruned last, that is a wave more. https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
  argo: {
    before: { ...syncHook, ...wave(1) },
    pods: wave(2),
    after: { ...syncHook, ...wave(3) },
    rollback: wave(3),
    last: wave(4),
    scripts: pruneLast,
    configuration: pruneLast,
  },
  helm: {
    account: helmHook('pre-install,pre-upgrade', -5),
    scripts: helmHook('pre-install,pre-upgrade', -5),
    before: helmHook('pre-install,pre-upgrade', 0),
    after: helmHook('post-install,post-upgrade', 0),
    // As a part of the release it would go with the upgrade, before new pods are ready: a container of an old pod that starts again
    // could not. What is kept instead stops a rollback, which meets an object that the release before has not.
    // As a hook it is kept from an upgrade whose former revision has it as a part.
    configuration: { ...helmHook('pre-install,pre-upgrade,pre-rollback', -5), ...kept },
  },
  flux: {},
};

/** What keeps a volume when it is no longer delivered, or all of it is taken away. */
const KEPT: Readonly<Record<Delivery, Annotations>> = {
  apply: {},
  argo: { 'argocd.argoproj.io/sync-options': 'Delete=false,Prune=false' },
  helm: kept,
  flux: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
};

/** The annotations of a claim that somebody mounts in a turn: it comes with that, and never goes. */
export function claimAnnotations(delivery: Delivery, turn: Turn): Annotations {
  const { 'argocd.argoproj.io/sync-wave': wave } = annotationsOf(delivery, turn);
  return { ...KEPT[delivery], ...(wave === undefined ? {} : { 'argocd.argoproj.io/sync-wave': wave }) };
}

/** The annotations of a namespace: with it goes what is in it, volumes and Secrets too, and it is in no chart of Helm. */
export function namespaceAnnotations(delivery: Delivery): Annotations {
  return delivery === 'helm' ? {} : KEPT[delivery];
}

/** The annotations of an object that has its turn. */
export function annotationsOf(delivery: Delivery, turn: Turn): Annotations {
  return TURNS[delivery]?.[turn] ?? {};
}

/** Whether the job is made anew at each delivery, under the same name. Else its name follows what it runs. */
export function isHook(delivery: Delivery, turn: Turn): boolean {
  return (delivery === 'argo' || delivery === 'helm') && (turn === 'before' || turn === 'after');
}

/**
 * Whether a finished job may remove itself. What keeps the cluster like the repository would make it, and run it, again; and a
 * rollback that runs again takes back what a newer image has migrated since.
 */
export function mayExpire(delivery: Delivery, turn: Turn): boolean {
  return (delivery === 'apply' && turn !== 'rollback') || (delivery === 'helm' && isHook(delivery, turn));
}
