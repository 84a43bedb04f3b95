import { Size } from 'cdk8s';
import { type Cpu, type k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { OptOut } from '../support/opt-out';
import { bytes, cpuQuantity, millis, sizeQuantity } from '../support/quantity';
import { reject } from '../support/reject';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import { requireReason } from '../support/values';
import { propClass } from '../support/classes';

/** What a guaranteed container gets: exactly this, always. */
export interface GuaranteedResources {
  /** CPU, requested and limited. Whole cores suit the BEAM: it starts one scheduler for each. */
  readonly cpu: Cpu;
  /** Memory, requested and limited. */
  readonly memory: Size;
  /**
   * Disk for `/tmp` and logs, requested and limited; at least 128 MiB, of which 64 MiB are kept for logs.
   * @default Size.mebibytes(512)
   */
  readonly ephemeralStorage?: Size;
}

/** What a burstable container gets: its request always, more while the node has it. */
export interface BurstableResources {
  /** CPU requested, and the most it may use. Without a limit a busy neighbour can take the rest of the node. */
  readonly cpu: { readonly request: Cpu; readonly limit: Cpu | OptOut };
  /** Memory requested, and the most it may use before it is killed. */
  readonly memory: { readonly request: Size; readonly limit: Size };
  /**
   * Disk for `/tmp` and logs, requested and limited; at least 128 MiB, of which 64 MiB are kept for logs.
   * @default Size.mebibytes(512)
   */
  readonly ephemeralStorage?: Size;
}

/** Kept free of scratch space: the kubelet keeps up to five log files of 10 MiB for a container. */
const LOGS = Size.mebibytes(64);

/**
 * What one container may use, and so its pod's quality of service: `Guaranteed` pods are the last that a node
 * short of memory evicts, `Burstable` ones go before them.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export class Resources {
  static {
    propClass('Resources', this);
  }

  /** Requests equal to limits. */
  static guaranteed(amounts: GuaranteedResources): Resources {
    const { cpu, memory, ephemeralStorage } = { ...amounts };
    const wrong = wrongProps(amounts, 'GuaranteedResources', ' to Resources.guaranteed');
    return keepFaults(new Resources({ request: cpu, limit: cpu }, { request: memory, limit: memory }, ephemeralStorage), wrong);
  }

  /** Requests below limits. */
  static burstable(amounts: BurstableResources): Resources {
    const { cpu, memory, ephemeralStorage } = { ...amounts };
    const wrong = wrongProps(amounts, 'BurstableResources', ' to Resources.burstable');
    return keepFaults(new Resources(cpu, memory, ephemeralStorage), wrong);
  }

  /** Disk requested and limited. */
  readonly ephemeralStorage: Size;

  private constructor(
    /** CPU requested and limited. */
    readonly cpu: BurstableResources['cpu'],
    /** Memory requested and limited. */
    readonly memory: BurstableResources['memory'],
    ephemeralStorage: Size | undefined,
  ) {
    this.ephemeralStorage = ephemeralStorage ?? Size.mebibytes(512);
  }

  /** The class that Kubernetes gives a pod of this one container. */
  get qosClass(): 'Guaranteed' | 'Burstable' {
    const { cpu, memory } = this;
    const equal = !(cpu.limit instanceof OptOut) && millis(cpu.limit) === millis(cpu.request);
    return equal && bytes(memory.limit) === bytes(memory.request) ? 'Guaranteed' : 'Burstable';
  }

  /** Schedulers that the BEAM needs to use this CPU: its limit, or its request where there is none, rounded up. */
  get schedulers(): number {
    const { request, limit } = this.cpu;
    return Math.max(1, Math.ceil(millis(limit instanceof OptOut ? request : limit) / 1000));
  }

  /** Room for files in `/tmp`: the disk less what logs take. */
  get scratch(): Size {
    return Size.kibibytes(Math.max(0, bytes(this.ephemeralStorage) - bytes(LOGS)) / 1024);
  }

  /** The container's `resources`. */
  requirements(): k8s.ResourceRequirements {
    const { cpu, memory } = this;
    const disk = sizeQuantity(this.ephemeralStorage);
    const limits: Record<string, k8s.Quantity> = { memory: sizeQuantity(memory.limit), 'ephemeral-storage': disk };
    if (!(cpu.limit instanceof OptOut)) limits['cpu'] = cpuQuantity(cpu.limit);
    const requests = { cpu: cpuQuantity(cpu.request), memory: sizeQuantity(memory.request), 'ephemeral-storage': disk };
    return { requests, limits };
  }

  /** Refuses under `scope` what the API server or the kubelet would. */
  require(scope: IConstruct, at = 'resources'): void {
    const { cpu, memory, ephemeralStorage } = this;
    const refuse = (prop: string, must: string, got: unknown, fix: string) =>
      reject(scope, { prop: `${at}.${prop}`, must, got, fix });
    const raise = 'raise the limit or lower the request';
    requireReason(scope, `${at}.cpu.limit`, cpu.limit);
    if (!(cpu.limit instanceof OptOut) && millis(cpu.limit) < millis(cpu.request)) {
      refuse('cpu.limit', `be at least the request of ${cpu.request.amount} CPU`, cpu.limit, raise);
    }
    if (!(millis(cpu.request) >= 1)) refuse('cpu.request', 'be 1m or more', cpu.request, 'write Cpu.millis(250) or Cpu.units(1)');
    if (bytes(memory.limit) < bytes(memory.request)) {
      refuse('memory.limit', `be at least the request of ${memory.request.asString()}`, memory.limit, raise);
    }
    if (bytes(memory.request) < bytes(Size.mebibytes(16))) {
      refuse('memory.request', 'be 16 MiB or more', memory.request, 'write Size.mebibytes(256)');
    }
    if (bytes(ephemeralStorage) < 2 * bytes(LOGS)) {
      refuse('ephemeralStorage', 'be 128 MiB or more', ephemeralStorage, 'omit it to use 512 MiB');
    }
  }
}
