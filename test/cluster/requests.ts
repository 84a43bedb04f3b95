import type { Request } from '../support/rbac';

/** Requests of an environment in a namespace, by whether somebody may send them. */
export interface Requests {
  readonly allowed: readonly Request[];
  readonly refused: readonly Request[];
}

/** A line of a table: `patch deployments.apps kube-native`. */
function requests(namespace: string, lines: string): Request[] {
  return lines.split('\n').flatMap((line) => {
    const [verb = '', resource = '', name] = line.trim().split(' ');
    return verb === '' ? [] : [{ verb, resource, name, namespace }];
  });
}

/** Of the whole cluster. */
function ofCluster(lines: string): Request[] {
  return requests('', lines).map(({ namespace: _, ...request }) => request);
}

/** What neither of them has any business with. */
function forbidden(namespace: string): Request[] {
  return [
    ...requests(
      namespace,
      `get secrets kube-native
      list secrets
      watch secrets
      create secrets
      patch secrets kube-native
      delete secrets kube-native
      create pods
      delete pods kube-native-0
      create pods/exec kube-native-0
      get pods/exec kube-native-0
      create pods/attach kube-native-0
      create pods/portforward kube-native-0
      patch pods/ephemeralcontainers kube-native-0
      create pods/eviction kube-native-0
      create serviceaccounts/token kube-native
      get deployments.apps/scale kube-native
      patch deployments.apps/scale kube-native
      patch deployments.apps/status kube-native
      update deployments.apps kube-native
      deletecollection deployments.apps
      patch deployments.apps other
      patch resourcequotas budget
      delete resourcequotas budget
      patch limitranges defaults
      create roles.rbac.authorization.k8s.io
      patch roles.rbac.authorization.k8s.io kube-native-deployer
      escalate roles.rbac.authorization.k8s.io kube-native-deployer
      bind roles.rbac.authorization.k8s.io kube-native-deployer
      create rolebindings.rbac.authorization.k8s.io
      patch rolebindings.rbac.authorization.k8s.io kube-native-deployer
      delete persistentvolumeclaims data
      create daemonsets.apps
      * *
      * *.*`,
    ),
    ...requests('kube-system', 'get pods\nget secrets\npatch deployments.apps kube-native\nget configmaps extension-apiserver'),
    ...ofCluster(
      `create namespaces
      patch namespaces ${namespace}
      delete namespaces ${namespace}
      list namespaces
      get namespaces kube-system
      list nodes
      get nodes/proxy node1
      impersonate users admin
      impersonate groups system:masters
      create clusterrolebindings.rbac.authorization.k8s.io
      bind clusterroles.rbac.authorization.k8s.io cluster-admin
      patch clusterroles.rbac.authorization.k8s.io ${namespace}.kube-native-deployer
      patch validatingadmissionpolicies.admissionregistration.k8s.io ${namespace}.kube-native-image-deployer
      delete validatingadmissionpolicybindings.admissionregistration.k8s.io ${namespace}.kube-native-image-deployer
      create mutatingwebhookconfigurations.admissionregistration.k8s.io
      patch customresourcedefinitions.apiextensions.k8s.io httproutes.gateway.networking.k8s.io
      create certificatesigningrequests.certificates.k8s.io
      list pods
      list secrets`,
    ),
  ];
}

/** Those of one who deploys production with migrations and a worker. */
export function ofDeployer(namespace: string): Requests {
  const allowed = requests(
    namespace,
    `create deployments.apps
    get deployments.apps kube-native
    patch deployments.apps kube-native-worker
    delete deployments.apps kube-native-worker
    list deployments.apps kube-native
    watch deployments.apps kube-native
    create jobs.batch
    list jobs.batch
    delete jobs.batch kube-native-migrate-0123456789
    patch configmaps kube-native-0123456789
    list configmaps
    create services
    patch services kube-native
    patch serviceaccounts kube-native-migrate
    patch networkpolicies.networking.k8s.io default-deny
    patch httproutes.gateway.networking.k8s.io kube-native
    delete poddisruptionbudgets.policy kube-native
    patch horizontalpodautoscalers.autoscaling kube-native
    get resourcequotas budget
    get limitranges defaults
    list pods
    watch events
    get pods/log kube-native-0
    list deployments.apps
    list replicasets.apps`,
  );
  return { allowed: [...allowed, ...ofCluster(`get namespaces ${namespace}`)], refused: forbidden(namespace) };
}

/** Those of one who rolls out images. */
export function ofImageDeployer(namespace: string): Requests {
  const allowed = requests(
    namespace,
    `get deployments.apps kube-native
    list deployments.apps kube-native
    watch deployments.apps kube-native
    patch deployments.apps kube-native
    patch deployments.apps kube-native-worker
    get pods kube-native-0
    list pods
    watch pods
    list events
    watch events`,
  );
  const refused = requests(
    namespace,
    `list deployments.apps
    create deployments.apps
    delete deployments.apps kube-native
    create statefulsets.apps
    patch statefulsets.apps kube-native-postgresql
    create jobs.batch
    list jobs.batch
    get configmaps kube-native
    patch configmaps kube-native-0123456789
    patch services kube-native
    patch serviceaccounts kube-native
    patch networkpolicies.networking.k8s.io default-deny
    patch httproutes.gateway.networking.k8s.io kube-native
    delete poddisruptionbudgets.policy kube-native
    patch horizontalpodautoscalers.autoscaling kube-native
    get resourcequotas budget
    get pods/log kube-native-0
    list replicasets.apps
    patch events kube-native`,
  );
  return { allowed, refused: [...forbidden(namespace), ...refused, ...ofCluster(`get namespaces ${namespace}`)] };
}
