import { ApiObject } from 'cdk8s';
import type { ProbedDeployment } from '../../constructs/probed-deployment';
import type { Manifest } from '../../support/edit';

/** A port of a Service, as it will stand in the YAML. */
export interface OpenPort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol?: string;
}

/** The ports of the Service in front of a Deployment. */
export function openPorts({ service }: ProbedDeployment): readonly OpenPort[] {
  if (!service) return [];
  const { spec } = ApiObject.of(service.service).toJson() as Manifest;
  return (spec.ports ?? []) as OpenPort[];
}
