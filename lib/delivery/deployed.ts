import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { namespaceOf } from '../support/declare';
import { standsApart } from '../support/folder';
import { scopeOf } from '../support/scope';

/** The objects of an App that are part of its environment, without those of a construct that is about them, and of charts of others. */
export function deployedIn(about: IConstruct): ApiObject[] {
  const scope = scopeOf(about);
  const all = about.node.root.node.findAll().filter((one) => ApiObject.isApiObject(one));
  return all.filter((one) => !standsApart(one) && !one.node.scopes.includes(about) && scope.has(one));
}

const deployers = new WeakSet<IConstruct>();

/** Says that a construct gives rights to deploy: its objects are for whoever may give them, and no other one of its kind reads them. */
export function noteDeployer(construct: IConstruct): void {
  deployers.add(construct);
}

/**
 * The same without what gives such rights, and without those of charts for another namespace, where the charts of an App may each have
 * one of their own.
 */
export function deployedBeside(about: IConstruct): ApiObject[] {
  const all = deployedIn(about).filter(({ node }) => !node.scopes.some((scope) => deployers.has(scope)));
  const home = namespaceOf(about);
  if (!scopeOf(about).hasNamespaces || home === undefined) return all;
  return all.filter((one) => (namespaceOf(one) ?? home) === home);
}
