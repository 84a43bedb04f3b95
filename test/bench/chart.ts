import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A chart of Helm as teams write them, for the same application: the kinds and the number of objects of an environment, labels by a
 * helper, what differs in values. It is what synth is compared with, so it does no more than it must.
 */
export function writeChart(folder: string): void {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** What is given to `helm template` for an environment. */
export function helmWords(folder: string, environment: string): string[] {
  return ['template', 'shop', folder, '--namespace', `shop-${environment}`, '--values', join(folder, `${environment}.yaml`)];
}

const HELPERS = `{{- define "labels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}
{{- define "selector" -}}
app.kubernetes.io/instance: {{ .name }}
{{- end }}
{{- define "metadata" -}}
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "labels" . | nindent 4 }}
{{- end }}
{{- define "hardened" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}
{{- define "pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
serviceAccountName: {{ .name }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .root.Values.user }}
  runAsGroup: {{ .root.Values.user }}
  seccompProfile: { type: RuntimeDefault }
dnsConfig:
  options:
    - { name: ndots, value: "2" }
{{- end }}
{{- define "variables" -}}
env:
  {{- if .root.Values.clustered }}
  - name: POD_IP
    valueFrom:
      fieldRef: { fieldPath: status.podIP }
  - { name: RELEASE_DISTRIBUTION, value: name }
  - { name: RELEASE_NODE, value: shop@$(POD_IP) }
  {{- end }}
  {{- range .root.Values.secretKeys }}
  - name: {{ . }}
    valueFrom:
      secretKeyRef: { name: shop, key: {{ . }} }
  {{- end }}
  - name: PGPASSWORD
    valueFrom:
      secretKeyRef: { name: shop-postgresql, key: password }
envFrom:
  - configMapRef: { name: {{ .name }} }
{{- end }}
`;

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: {{ .Release.Namespace }}
  labels:
    {{- range list "audit" "enforce" "warn" }}
    pod-security.kubernetes.io/{{ . }}: restricted
    pod-security.kubernetes.io/{{ . }}-version: {{ $.Values.kubernetes }}
    {{- end }}
---
apiVersion: v1
kind: LimitRange
{{ include "metadata" (dict "root" . "name" "defaults" "component" "limits") }}
spec:
  limits:
    - type: Container
      {{- toYaml .Values.limits | nindent 6 }}
---
apiVersion: v1
kind: ResourceQuota
{{ include "metadata" (dict "root" . "name" "budget" "component" "quota") }}
spec:
  hard:
    {{- toYaml .Values.quota | nindent 4 }}
`;

const NETWORK = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{{ include "metadata" (dict "root" . "name" "default-deny" "component" "network") }}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
{{- range $name, $role := .Values.roles }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{{ include "metadata" (dict "root" $ "name" $name "component" $role.component) }}
spec:
  podSelector:
    matchLabels:
      {{- include "selector" (dict "name" $name) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  egress:
    - ports:
        - { port: 53, protocol: UDP }
        - { port: 53, protocol: TCP }
      to:
        - namespaceSelector:
            matchLabels: { kubernetes.io/metadata.name: kube-system }
    - ports:
        - { port: 5432, protocol: TCP }
      to:
        - podSelector:
            matchLabels:
              {{- include "selector" (dict "name" "shop-postgresql") | nindent 14 }}
  {{- if $role.http }}
  ingress:
    - ports:
        - { port: {{ $.Values.port }}, protocol: TCP }
      from:
        - namespaceSelector:
            matchLabels: { kubernetes.io/metadata.name: {{ $.Values.gateway.proxies }} }
  {{- end }}
{{- end }}
`;

const ROLES = `{{- range $name, $role := .Values.roles }}
---
apiVersion: v1
kind: ServiceAccount
{{ include "metadata" (dict "root" $ "name" $name "component" $role.component) }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: ConfigMap
{{ include "metadata" (dict "root" $ "name" $name "component" $role.component) }}
data:
  {{- range $key, $value := merge (dict) $role.config $.Values.config }}
  {{ $key }}: {{ tpl (toString $value) $ | quote }}
  {{- end }}
{{- if $role.replicas }}
---
apiVersion: apps/v1
kind: Deployment
{{ include "metadata" (dict "root" $ "name" $name "component" $role.component) }}
spec:
  replicas: {{ $role.replicas }}
  revisionHistoryLimit: 3
  minReadySeconds: 10
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "selector" (dict "name" $name) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "labels" (dict "root" $ "name" $name "component" $role.component) | nindent 8 }}
      annotations:
        checksum/config: {{ merge (dict) $role.config $.Values.config | toYaml | sha256sum }}
    spec:
      {{- include "pod" (dict "root" $ "name" $name) | nindent 6 }}
      terminationGracePeriodSeconds: {{ $role.grace }}
      topologySpreadConstraints:
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "selector" (dict "name" $name) | nindent 14 }}
        {{- end }}
      initContainers:
        - name: wait-for-migrations
          image: {{ $.Values.image | quote }}
          command: [/app/bin/shop, eval, {{ $.Values.gate | quote }}]
          {{- include "variables" (dict "root" $ "name" $name) | nindent 10 }}
          {{- include "hardened" . | nindent 10 }}
          resources:
            {{- toYaml $role.resources | nindent 12 }}
      containers:
        - name: {{ $role.component }}
          image: {{ $.Values.image | quote }}
          command: [/app/bin/shop, start]
          {{- include "variables" (dict "root" $ "name" $name) | nindent 10 }}
          {{- include "hardened" . | nindent 10 }}
          {{- if $role.http }}
          ports:
            - { name: http, containerPort: {{ $.Values.port }} }
          {{- range $probe, $with := $.Values.probes }}
          {{ $probe }}Probe:
            {{- toYaml $with | nindent 12 }}
          {{- end }}
          lifecycle:
            preStop:
              sleep: { seconds: 10 }
          {{- end }}
          resources:
            {{- toYaml $role.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 448Mi }
{{- end }}
{{- if $role.http }}
---
apiVersion: v1
kind: Service
{{ include "metadata" (dict "root" $ "name" $name "component" $role.component) }}
spec:
  type: ClusterIP
  selector:
    {{- include "selector" (dict "name" $name) | nindent 4 }}
  ports:
    - { name: http, port: 80, targetPort: http }
{{- if gt (int $role.replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
{{ include "metadata" (dict "root" $ "name" $name "component" $role.component) }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "selector" (dict "name" $name) | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
`;

const JOB = `apiVersion: batch/v1
kind: Job
{{ include "metadata" (dict "root" . "name" "shop-migrate" "component" "migrate") }}
spec:
  backoffLimit: 6
  activeDeadlineSeconds: 1800
  template:
    metadata:
      labels:
        {{- include "labels" (dict "root" . "name" "shop-migrate" "component" "migrate") | nindent 8 }}
    spec:
      {{- include "pod" (dict "root" . "name" "shop-migrate") | nindent 6 }}
      restartPolicy: Never
      containers:
        - name: migrate
          image: {{ .Values.image | quote }}
          command: [/app/bin/shop, eval, Shop.Release.migrate()]
          {{- include "variables" (dict "root" . "name" "shop-migrate") | nindent 10 }}
          {{- include "hardened" . | nindent 10 }}
          resources:
            {{- toYaml .Values.roles.shop.resources | nindent 12 }}
`;

const POSTGRES = `{{- if .Values.postgres.image }}
apiVersion: v1
kind: ConfigMap
{{ include "metadata" (dict "root" . "name" "shop-postgresql" "component" "database") }}
data:
  {{- range $path, $_ := .Files.Glob "files/*" }}
  {{ base $path }}: |
    {{- $.Files.Get $path | nindent 4 }}
  {{- end }}
---
apiVersion: v1
kind: Service
{{ include "metadata" (dict "root" . "name" "shop-postgresql" "component" "database") }}
spec:
  clusterIP: None
  selector:
    {{- include "selector" (dict "name" "shop-postgresql") | nindent 4 }}
  ports:
    - { name: postgresql, port: 5432, targetPort: postgresql }
---
apiVersion: apps/v1
kind: StatefulSet
{{ include "metadata" (dict "root" . "name" "shop-postgresql" "component" "database") }}
spec:
  replicas: 1
  serviceName: shop-postgresql
  selector:
    matchLabels:
      {{- include "selector" (dict "name" "shop-postgresql") | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "labels" (dict "root" . "name" "shop-postgresql" "component" "database") | nindent 8 }}
    spec:
      {{- include "pod" (dict "root" . "name" "default") | nindent 6 }}
      containers:
        - name: postgresql
          image: {{ .Values.postgres.image | quote }}
          args: [postgres, -c, max_connections={{ .Values.postgres.connections }}]
          {{- include "hardened" . | nindent 10 }}
          ports:
            - { name: postgresql, containerPort: 5432 }
          readinessProbe:
            exec:
              command: [pg_isready, --host=127.0.0.1]
          resources:
            {{- toYaml .Values.postgres.resources | nindent 12 }}
          volumeMounts:
            - { name: data, mountPath: /data }
            - { name: init, mountPath: /docker-entrypoint-initdb.d, readOnly: true }
      volumes:
        - name: init
          configMap: { name: shop-postgresql }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        resources: { requests: { storage: {{ .Values.postgres.storage }} } }
{{- end }}
`;

const ROUTES = `{{- if .Values.gateway.enabled }}
{{- range $section, $name := dict "https" "shop" "http" "shop-redirect" }}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
{{ include "metadata" (dict "root" $ "name" $name "component" "route") }}
spec:
  hostnames: [{{ $.Values.host | quote }}]
  parentRefs:
    - { name: public, namespace: gateway, sectionName: {{ $section }} }
  rules:
    {{- if eq $section "https" }}
    - backendRefs:
        - { name: shop, port: 80 }
    {{- else }}
    - filters:
        - type: RequestRedirect
          requestRedirect: { scheme: https, statusCode: 301 }
    {{- end }}
{{- end }}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
{{ include "metadata" (dict "root" . "name" "shop" "component" "route") }}
spec:
  targetRefs:
    - { group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop }
  timeout: { http: { requestTimeout: 60s } }
{{- end }}
`;

const VALUES = `kubernetes: v1.30
user: 65534
port: 4000
clustered: true
host: shop.example.com
image: registry.example.com/shop:1.0.0
gate: 'Code.eval_string(File.read!("/etc/release-scripts/gate.exs"), apps: [:shop], limit: 1800)'
secretKeys: [SECRET_KEY_BASE, RELEASE_COOKIE]
limits:
  default: { ephemeral-storage: 256Mi, memory: 256Mi }
  defaultRequest: { cpu: 100m, ephemeral-storage: 128Mi, memory: 128Mi }
quota: { limits.memory: 6Gi, pods: "12", requests.cpu: "4", requests.memory: 6Gi, requests.storage: 20Gi }
gateway: { enabled: true, proxies: envoy-gateway-system }
config:
  DATABASE_URL: ecto://shop@shop-postgresql.{{ .Release.Namespace }}.svc.cluster.local:5432/shop
  DNS_CLUSTER_QUERY: shop-mesh.{{ .Release.Namespace }}.svc.cluster.local
  ERL_AFLAGS: -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372
  ERL_CRASH_DUMP: /tmp/erl_crash.dump
  ERL_FLAGS: +S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none
  HOME: /tmp
  PHX_HOST: "{{ .Values.host }}"
  POOL_SIZE: 8
  PORT: 4000
  RELEASE_TMP: /tmp
probes:
  startup: { failureThreshold: 12, periodSeconds: 5, tcpSocket: { port: http }, timeoutSeconds: 4 }
  liveness: { failureThreshold: 3, periodSeconds: 30, tcpSocket: { port: http }, timeoutSeconds: 4 }
  readiness: { failureThreshold: 6, periodSeconds: 5, httpGet: { path: /ready, port: http }, timeoutSeconds: 4 }
roles:
  shop:
    component: web
    http: true
    replicas: 2
    grace: 60
    config: { PHX_SERVER: true }
    resources: &medium
      limits: { cpu: 1, ephemeral-storage: 512Mi, memory: 512Mi }
      requests: { cpu: 250m, ephemeral-storage: 512Mi, memory: 512Mi }
  shop-worker: { component: worker, replicas: 1, grace: 120, config: { SHOP_MODE: worker }, resources: *medium }
  shop-migrate: { component: migrate, config: { POOL_SIZE: 2 } }
postgres:
  image: docker.io/library/postgres:18
  connections: 102
  storage: 10Gi
  resources: *medium
`;

const SCRIPT = `for app <- apps, do: Application.load(app)
repos = Enum.flat_map(apps, fn app -> Application.get_env(app, :ecto_repos, []) end)
pending = fn repo -> for {:down, version, name} <- Ecto.Migrator.migrations(repo), do: "#{version}_#{name}" end
`;

const DEVELOPMENT = `host: localhost
image: shop:development
clustered: false
gateway: { enabled: false }
roles:
  shop: { replicas: 1 }
  shop-worker: null
postgres: { storage: 1Gi }
`;

const FILES = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: 1.0.0\n',
  'values.yaml': VALUES,
  'development.yaml': DEVELOPMENT,
  'staging.yaml': 'host: staging.shop.example.com\n',
  'production.yaml': 'roles:\n  shop: { replicas: 3 }\n  shop-worker: { replicas: 2 }\npostgres: { image: "" }\n',
  'files/10-owner.sh': SCRIPT.repeat(6),
  'files/20-password.sh': SCRIPT.repeat(8),
  'templates/_helpers.tpl': HELPERS,
  'templates/00-namespace.yaml': NAMESPACE,
  'templates/08-network.yaml': NETWORK,
  'templates/10-postgres.yaml': POSTGRES,
  'templates/20-migrate.yaml': JOB,
  'templates/30-roles.yaml': ROLES,
  'templates/40-routes.yaml': ROUTES,
} as const;
