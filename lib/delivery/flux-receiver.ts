import type { IConstruct } from 'constructs';
import { reject } from '../support/reject';
import { requireName } from '../support/values';

/**
 * Who tells Flux that there is something to look at. What is in the message is not read: the registry is asked, so that one that comes
 * late, twice or from a stranger changes nothing.
 *
 * @write { type: 'dockerhub' }, or { type: 'generic-oidc', repository: 'acme/shop', branch: 'main' }
 */
export type FluxReceiver =
  | {
      /** The registry that sends it; `github` is GHCR, `generic-hmac` whoever signs what they send. `spec.type`. */
      readonly type: 'acr' | 'dockerhub' | 'gcr' | 'generic-hmac' | 'github' | 'harbor' | 'nexus' | 'quay';
      /**
       * Name of a Secret beside the objects of Flux with the key `token`, which makes the path of the webhook and is what the sender
       * proves itself by: `secretRef`. @default - the name of the updates, and `-receiver`
       */
      readonly secret?: string;
    }
  | {
      /** A workflow of GitHub by its own token, with no Secret: Flux 2.9. `spec.type`. */
      readonly type: 'generic-oidc';
      /** The repository whose workflows may: `acme/shop`. A validation of the claim `repository`. */
      readonly repository: string;
      /** The branch that they must run on. A validation of the claim `ref`. */
      readonly branch: string;
    };

/** A receiver as its object has it, but for what it is about. */
export function receiverSpec(receiver: FluxReceiver, name: string): Readonly<Record<string, unknown>> {
  const { type } = receiver;
  if (type === 'generic-oidc') return { type, oidcProviders: [githubOf(receiver)] };
  // GitHub asks whether somebody is there, and calls the event of a package by two names.
  const events = type === 'github' ? { events: ['ping', 'package', 'registry_package'] } : {};
  return { type, ...events, secretRef: { name: secretOf(receiver, name) } };
}

/** Anybody on GitHub gets a token from it: what the token says decides. */
function githubOf({ repository, branch }: { readonly repository: string; readonly branch: string }) {
  const ref = `refs/heads/${branch}`;
  return {
    issuerURL: 'https://token.actions.githubusercontent.com',
    validations: [
      { expression: `claims.repository == '${repository}'`, message: `only workflows of ${repository} may` },
      { expression: `claims.ref == '${ref}'`, message: `only on ${ref}` },
    ],
  };
}

function secretOf(receiver: FluxReceiver, name: string): string {
  return 'secret' in receiver && receiver.secret !== undefined ? receiver.secret : `${name}-receiver`;
}

/** The Secret of a receiver, which somebody makes by hand. */
export function receiverSecrets(receiver: FluxReceiver | undefined, name: string, namespace: string) {
  if (!receiver || receiver.type === 'generic-oidc') return [];
  return [{ kind: 'Secret', name: secretOf(receiver, name), namespace, keys: ['token'] }];
}

/** Refuses what would let others in, or nobody. */
export function requireReceiver(scope: IConstruct, receiver: FluxReceiver): void {
  if (receiver.type !== 'generic-oidc') {
    if (receiver.secret !== undefined) requireName(scope, receiver.secret, 253, 'receiver.secret');
    return;
  }
  const { repository, branch } = receiver;
  // Both stand in expressions, between quotes.
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    const fix = 'write it as GitHub has it in its address: acme/shop';
    reject(scope, { prop: 'receiver.repository', must: 'be a repository of GitHub', got: repository, fix });
  }
  requireBranch(scope, branch, 'receiver.branch');
}

/** Refuses what is no name of a branch. */
export function requireBranch(scope: IConstruct, branch: string, prop: string): void {
  if (/^(?!refs\/)[\w][\w./-]*$/.test(branch) && !/\.\.|\/\/|\/$|\.lock$/.test(branch)) return;
  reject(scope, { prop, must: 'be the name of a branch', got: branch, fix: "write it as 'main', without refs/heads/" });
}
