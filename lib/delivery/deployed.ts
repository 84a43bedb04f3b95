import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { standsApart } from '../support/folder';

/** The objects of an App that are part of its environment, without those of a construct that is about them. */
export function deployedIn(about: IConstruct): ApiObject[] {
  const all = about.node.root.node.findAll().filter((one) => ApiObject.isApiObject(one));
  return all.filter((one) => !standsApart(one) && !one.node.scopes.includes(about));
}
