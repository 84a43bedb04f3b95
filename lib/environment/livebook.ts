import { LivebookDesk } from '../charts/livebook-desk';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import { besideTheImage, roleSettings } from '../pod/pod-settings';
import { reject, writtenAs } from '../support/reject';
import { within, type Parts } from './parts';

/** The Livebook that somebody may open beside the nodes of an environment. */
export function livebookOf(parts: Parts, release: PhoenixRelease): LivebookDesk | undefined {
  const { livebook, mesh, pods: all } = parts.environment;
  if (livebook === undefined) return undefined;
  const { app } = parts;
  if (mesh?.distribution === 'mutual-tls') {
    const fix = "leave distribution out, which is 'excluded'";
    const must = 'leave the nodes to themselves where a Livebook connects to them';
    reject(app, { prop: 'mesh.distribution', must, got: mesh.distribution, fix });
  }
  writtenAs(app, 'livebook', (prop) => (prop === 'release.cluster' ? 'beam' : `livebook.${prop}`));
  const pods = roleSettings(app, besideTheImage(all), livebook.pods, 'livebook.pods');
  return new LivebookDesk(app, 'livebook', { ...within(parts), ...livebook, pods, release });
}
