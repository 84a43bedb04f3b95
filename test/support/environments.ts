import { App } from 'cdk8s';
import { build } from './stack';
import { type Charts, type NamedEnvironment, render, type Manifest, Checks } from '../../lib/index';
import { vary } from './vary';

/** What is wrong with an environment after `change`; all of it, as printed at synth. */
export function faultsOf(environment: NamedEnvironment, change?: (charts: Charts, app: App) => void): readonly string[] {
  const app = new App();
  build(vary(environment, { amend: (charts) => change?.(charts, app) }), app);
  return render(app).faults;
}

/** The finished objects of an environment. */
export function objectsOf(environment: NamedEnvironment): Manifest[] {
  const app = build(environment);
  render(app);
  return Checks.of(app).world.objects.map(({ manifest }) => manifest);
}
