import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, valueOf } from '../world/beam';
import { probeOf } from '../world/probes';
import { map, maps, scalar } from '../world/values';

/** A page is made for people: it asks whatever they want to see. */
export const readinessOwnPath: Rule = {
  name: 'readiness-own-path',
  sentence: 'Two pods or more of a release are ready by a path of their own, not by the front page.',
  why: 'The page asks all that it shows: once the database or another service is slow, every pod leaves the Service at the same time, and each probe costs what a visitor does.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { workload, path } = beam;
      if (workload.replicas.most < 2 || !asksFrontPage(beam)) continue;
      const fix =
        "add a route that answers by itself, the six lines in docs/application.md, and name it: health: { ready: '/health/ready' }; " +
        "until then say why: health: { ready: '/', frontPage: OptOut.because('...') }";
      const field = `${path}.readinessProbe.httpGet.path`;
      yield { object: workload.object, field, must: 'be a path for probes', got: '/', fix };
    }
  },
};

/** Whether readiness is the front page of the endpoint; a listener of its own has none. */
function asksFrontPage(beam: BeamContainer): boolean {
  const { path = '/', port } = map(probeOf(beam, 'readinessProbe')?.['httpGet']);
  if (port === undefined || scalar(path)?.replace(/[?#].*$/, '') !== '/') return false;
  const named = maps(beam.spec['ports']).find(({ name, containerPort }) => name === port || containerPort === port);
  const endpoint = valueOf(beam, 'PORT');
  return endpoint === undefined || named === undefined || String(named['containerPort']) === endpoint;
}
