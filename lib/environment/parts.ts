import type { App } from 'cdk8s';
import { EnvironmentChart, type EnvironmentChartProps } from '../charts/environment-chart';
import type { PhoenixApplication } from '../release/application';
import { OptOut } from '../support/opt-out';
import type { Environment, Migrations } from './environment';

/** The facts of an application that none of its environments changes. */
export interface StackFacts {
  /** The application. */
  readonly application: PhoenixApplication;
  /**
   * The keys of the application's Secret. Each becomes a variable of that name, or of the one that it is mapped to:
   * `{ 'secret-key-base': 'SECRET_KEY_BASE' }`. @default ['SECRET_KEY_BASE', 'RELEASE_COOKIE']
   */
  readonly secretKeys?: readonly string[] | Readonly<Record<string, string>>;
  /** Name of the database, and of the role that owns it. @default - the application's name, with `_` for `-`, for both */
  readonly database?: { readonly database: string; readonly user: string };
}

/** An environment whose name is known. */
export type NamedEnvironment = Environment & { readonly name: string };

/** What the parts of an environment are made from. */
export interface Parts {
  readonly app: App;
  readonly facts: StackFacts;
  readonly environment: NamedEnvironment & { readonly image: string };
}

/** The namespace of an environment, and what its objects are part of. */
export function within({ facts, environment }: Parts): EnvironmentChartProps {
  const { name: partOf } = facts.application;
  const { name, namespace = `${partOf}-${name}`, labels } = environment;
  return { namespace, partOf, ...(labels ? { labels } : {}) };
}

/** A chart of an environment: a file of that name. */
export function chartOf(parts: Parts, id: string): EnvironmentChart {
  return new EnvironmentChart(parts.app, id, within(parts));
}

/** How the schema follows the release. Where nothing migrates, no pod waits for it either. */
export function migrationsIn({ migrations = {} }: Environment): Migrations {
  return migrations instanceof OptOut ? { gate: migrations } : migrations;
}
