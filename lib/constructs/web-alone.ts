import type { IConstruct } from 'constructs';
import type { Mount } from '../pod/mount';
import type { Beside, BesideOfRole } from '../pod/sidecar';
import { besideOfRole } from '../pod/beside';
import { roleSettings, type PodSettings } from '../pod/pod-settings';
import { requireRoleConfig, type RolesShare } from '../release/repeats';
import type { PodPorts } from './pod-ports';
import type { Running } from './running-pod';

/** What of the web pods no other pod of the release has. */
export interface WebAlone extends BesideOfRole {
  /** Further variables, in their ConfigMap. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Settings laid over those of all pods of the release, as {@link PodSettings} says of each. @default {} */
  readonly pods?: PodSettings;
  /**
   * Their ports beside those of the endpoint, by name, such as `{ admin: { port: 4001, service: true, clients: [{ namespace: 'vpn' }] } }`;
   * a number is one that probes alone ask. @default {}
   */
  readonly ports?: PodPorts;
  /** Further files, such as a claim with uploads. @default [] */
  readonly mounts?: readonly Mount[];
}

/** What the web pods have anyway. */
export interface WebPod {
  /** Variables of their ConfigMap. */
  readonly common: Readonly<Record<string, string>>;
  /** Variables that win over it. */
  readonly winning: object;
  readonly pods: RolesShare;
}

/** The variables of their ConfigMap, with those that they alone have. */
export function webVariables(scope: IConstruct, web: WebAlone, { common, winning, pods }: WebPod): Record<string, string> {
  const { config = {} } = web;
  requireRoleConfig(scope, { config, own: { ...common, ...winning }, pods, prop: 'web.config' });
  return { ...common, ...config };
}

/** What their pods are, laid over what all pods of the release are. */
export function webRole(
  scope: IConstruct,
  web: WebAlone,
  { all, beside, https }: { readonly all: PodSettings; readonly beside: Beside; readonly https: readonly Mount[] },
): Pick<Running, 'pods' | 'mounts' | 'sidecars' | 'initContainers'> {
  const { mounts = [] } = web;
  const pods = roleSettings(scope, all, web.pods, 'web.pods');
  return { ...besideOfRole(scope, beside, web, 'web.'), pods, mounts: [...https, ...mounts] };
}
