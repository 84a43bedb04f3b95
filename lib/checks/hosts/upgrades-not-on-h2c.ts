import type { Finding, FinishedObject, Rule, World } from '../rule';
import { portsOfService } from '../world/routes';
import { inventoryOf } from '../world/inventory';
import { waysToPhoenix, wrongWays, type Way } from './socket-ways';

const H2C = 'kubernetes.io/h2c';

/** A websocket begins as HTTP/1.1, and its `Upgrade` does not exist in HTTP/2. */
export const upgradesNotOnH2c: Rule = {
  name: 'upgrades-not-on-h2c',
  sentence: 'No path of websockets leads to a port of a Service that is for HTTP/2.',
  why: 'The proxy speaks HTTP/2 to the pod and drops the upgrade: pages load, and every LiveView stays dead or polls.',
  source: 'https://docs.nginx.com/nginx-gateway-fabric/traffic-management/upstream-http2-appprotocol/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (!inventory.ofKind('Service').some(hasH2c)) return;
    for (const { object, backend } of wrongWays(waysToPhoenix(inventory), (way) => !isH2c(way))) {
      const must = `not be a port with appProtocol ${H2C} where websockets come`;
      const fix = 'lead the paths of sockets, /live and /socket, to another port of the Service';
      yield { object, field: backend.portField, must, got: backend.port, fix };
    }
  },
};

function hasH2c(service: FinishedObject): boolean {
  return portsOfService(service).some(({ appProtocol }) => appProtocol === H2C);
}

function isH2c({ service, backend }: Way): boolean {
  const named = portsOfService(service).find(({ name, port }) => backend.port === port || backend.port === name);
  return named?.['appProtocol'] === H2C;
}
