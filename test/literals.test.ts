import { Duration } from 'cdk8s';
import { build, production } from './support/stack';
import { type NamedEnvironment, render } from '../lib/index';
import { vary } from './support/vary';

/** An environment with something in each literal within it. */
const everything: NamedEnvironment = vary(
  production,
  {
    operators: { 'envoy-gateway': '1.7' },
    lifetime: { of: 'feature', ttl: Duration.days(3) },
    web: { exposure: { nodePort: 30400 } },
  },
  {
    web: { replicas: { minimum: 2, maximum: 4 } },
    mesh: { gateways: ['envoy-gateway-system'] },
    dns: [{ namespace: 'dns', port: 1053 }],
  },
  {
    workers: { worker: { replicas: { minimum: 0, maximum: 2, oban: { queues: ['default'], jobsPerPod: 10 } } } },
    egress: [{ port: 443 }, { port: 6514, peer: { cidr: '203.0.113.9/32' } }],
    backingServices: {
      REDIS_URL: { url: 'redis://redis.cache.svc:6379' },
      AMQP_URL: { host: 'mq.mq.svc', port: 5672, secret: { secret: 'mq', key: 'url' } },
    },
  },
);

/** Where plain literals are within a value. */
function literals(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const plain = Object.getPrototypeOf(value) === Object.prototype;
  if (!plain && !Array.isArray(value)) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => literals(one, [...path, key]));
  return plain ? [[...path], ...inner] : inner;
}

/** The same value with a name more in the literal at a path. */
function withName(value: unknown, [first, ...rest]: readonly string[], name: string): unknown {
  if (first === undefined) return { ...(value as object), [name]: 1 };
  if (Array.isArray(value)) return value.map((one: unknown, index) => (`${index}` === first ? withName(one, rest, name) : one));
  const { [first]: inner, ...others } = value as Record<string, unknown>;
  return { ...others, [first]: withName(inner, rest, name) };
}

test.each(literals(everything).map((path) => [path.join('.') || 'an environment', path] as const))(
  '%s refuses a name that it does not know',
  (_, path) => {
    const said = (): string => {
      try {
        return render(build(withName(everything, path, 'unheard') as NamedEnvironment)).faults.join('\n');
      } catch (error) {
        return String(error);
      }
    };
    expect(said()).toContain('unheard');
    expect(said()).not.toContain('TypeError');
  },
);

test('names that are nearly those of a range are told the right one', () => {
  const made = (change: object) => () => build(vary(production, change));
  expect(made({ web: { replicas: { minimum: 2, maximum: 4, memroy: 70 } } })).toThrow(
    "'web.replicas.memroy' must be a prop that is known, got 70; did you mean 'memory'?",
  );
});
