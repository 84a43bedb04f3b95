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

/** The same without those of charts for another namespace, where the charts of an App may each have one of their own. */
export function deployedBeside(about: IConstruct): ApiObject[] {
  const all = deployedIn(about);
  const home = namespaceOf(about);
  if (!scopeOf(about).hasNamespaces || home === undefined) return all;
  return all.filter((one) => (namespaceOf(one) ?? home) === home);
}
