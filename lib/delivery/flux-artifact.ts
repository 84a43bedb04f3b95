import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { secondsText } from '../support/quantity';
import { reject, rejectLate } from '../support/reject';
import { requireName, requireSeconds } from '../support/values';
import { plainSecrets, requireDigest, requireRepository } from './artifact';
import { registrySecrets, registrySpec, requireRegistry, type FluxRegistry } from './flux-registry';
import { regular } from './flux-tags';

/**
 * Which artifact of a repository is applied.
 *
 * @write { tag: 'production' }, or { digest: 'sha256:...' }
 */
export type FluxReference =
  | {
      /** A tag, which moves to what was approved: `ref.tag`. */
      readonly tag: string;
    }
  | {
      /** One artifact, and no other: `ref.digest`. */
      readonly digest: string;
    };

/** Properties of {@link FluxArtifact}. */
export interface FluxArtifactProps {
  /** Name of the OCIRepository. At most 63 characters. */
  readonly name: string;
  /** Where the artifacts are: `oci://ghcr.io/acme/shop-stack`. `url`. */
  readonly url: string;
  /** Which of them is applied: `ref`. */
  readonly reference: FluxReference;
  /** How Flux reads the registry. @default - as everybody */
  readonly registry?: FluxRegistry;
  /**
   * Who must have signed it, by cosign without a key: issuer and subject of the token, as regular expressions that begin with `^`. `verify.matchOIDCIdentity`.
   * @default - nobody
   */
  readonly signedBy?: { readonly issuer: string; readonly subject: string };
  /** How often the registry is asked, a minute to a day: `interval`. @default Duration.minutes(5) */
  readonly interval?: Duration;
  /** Namespace of Flux. @default 'flux-system' */
  readonly namespace?: string;
}

/**
 * Has Flux fetch the files of an environment from a registry. {@link FluxKustomizations} have its `source`, and
 * `deliver/push-artifact.sh` pushes the files. What is in a registry
 * is read by whoever pulls images, so an environment with plain Secrets in its files is refused.
 *
 * Needs Flux 2.6.
 *
 * @see https://fluxcd.io/flux/components/source/ocirepositories/
 */
export class FluxArtifact extends Construct {
  /** The object that fetches it. */
  readonly repository: ApiObject;
  /** What {@link FluxKustomizations} are given as their source. */
  readonly source: { readonly kind: 'OCIRepository'; readonly name: string };

  constructor(scope: Construct, id: string, props: FluxArtifactProps) {
    super(scope, id);
    requireProps(this, props, 'FluxArtifactProps');
    const { name, url, reference, registry, signedBy, interval = Duration.minutes(5), namespace = 'flux-system' } = props;
    requireName(this, name, 63);
    requireName(this, namespace, 63, 'namespace');
    requireSeconds(this, 'interval', interval, { minimum: 60, maximum: 86400, fix: 'omit it to use 5 minutes' });
    requireRegistry(this, registry);
    requireArtifact(this, url, reference);
    requireSigned(this, signedBy);
    declare(this, { externals: [{ kind: 'Namespace', name: namespace }, ...registrySecrets(registry, namespace)] });
    this.source = { kind: 'OCIRepository', name };
    this.repository = new ApiObject(this, 'Repository', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { name, namespace, labels: labels({ application: 'flux', instance: name, component: 'delivery' }) },
      spec: {
        interval: secondsText(interval),
        url,
        ref: reference,
        ...registrySpec(registry),
        ...(signedBy ? { verify: { provider: 'cosign', matchOIDCIdentity: [signedBy] } } : {}),
      },
    });
    rejectLate(this, () => plainSecrets(this, 'url'));
  }
}

/** An expression that is empty, or begins nowhere, lets everybody sign who has a token: what is asked for may stand in any part of it. */
function requireSigned(scope: Construct, signed: FluxArtifactProps['signedBy']): void {
  for (const [part, got] of Object.entries(signed ?? {}).filter(([, one]) => !/^\^[^$*.]/.test(one) || !regular(one))) {
    const fix = String.raw`write it as '^https://token\\.actions\\.githubusercontent\\.com$', '^https://github\\.com/acme/shop-stack/'`;
    reject(scope, { prop: `signedBy.${part}`, must: 'be a regular expression of Go that begins with ^ and a word', got, fix });
  }
}

function requireArtifact(scope: Construct, url: string, reference: FluxReference): void {
  requireRepository(scope, 'url', url);
  if ('digest' in reference) requireDigest(scope, 'reference.digest', reference.digest);
  else if ('tag' in reference && (!/^\w[\w.-]{0,127}$/.test(reference.tag) || reference.tag === 'latest')) {
    const fix = 'write the one that deliver/push-artifact.sh moves: the name of the environment';
    reject(scope, { prop: 'reference.tag', must: 'be a tag, and not latest', got: reference.tag, fix });
  }
}
