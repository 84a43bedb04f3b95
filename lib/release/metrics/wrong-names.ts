import { nearest } from '../../support/nearest';
import { wrongProps } from '../../support/props';
import type { Refusal } from '../../support/reject';
import type { PromExPlugin, PromExProps, TelemetryMetricsProps } from './exporters';

const PLUGINS: readonly PromExPlugin[] = ['Application', 'Beam', 'Phoenix', 'PhoenixLiveView', 'Ecto', 'Oban'];

/** What is wrong with what PromEx is said to measure: what no plugin is called, and names that PromQL would read otherwise. */
export function wrongPromEx(props: PromExProps): readonly Refusal[] {
  const wrong = wrongProps(props, 'PromExProps', ' to promEx').map(byModule);
  if (wrong.length > 0) return wrong;
  const { otpApp, prefix, clusterNodes } = props;
  return [
    ...wrongStart('otpApp', otpApp, 'write the application of `use PromEx, otp_app: :kube_native`'),
    ...wrongStart('prefix', prefix, 'write what metric_prefix of the plugins makes: shop_prom_ex of [:shop, :prom_ex]'),
    ...wrongMetric('clusterNodes', clusterNodes),
  ];
}

/** What is wrong with what a list of metrics is said to be called by. */
export function wrongTelemetryMetrics(props: TelemetryMetricsProps): readonly Refusal[] {
  const wrong = wrongProps(props, 'TelemetryMetricsProps', ' to telemetryMetrics');
  if (wrong.length > 0) return wrong;
  return wrongStart(
    'prefix',
    props.prefix,
    "write what the names in the list begin with: 'shop' of shop.phoenix.http.requests.total",
  );
}

/** The plugin that is meant, also by its module: `PromEx.Plugins.Phoenix` is `Phoenix`. */
function byModule(fault: Refusal): Refusal {
  if (!/^plugins\.\d+$/.test(fault.prop) || typeof fault.got !== 'string') return fault;
  const meant = nearest(fault.got.replace(/^.*\./, ''), PLUGINS);
  const others = "leave it out, and write 'further: true': its metrics are not known here";
  return { ...fault, fix: meant === undefined ? others : `write '${meant}'` };
}

/** PromQL takes `kube-native_beam` for a subtraction. */
function wrongStart(prop: string, got: string | undefined, fix: string): readonly Refusal[] {
  if (got === undefined || /^[a-z_][a-z0-9_]*$/.test(got)) return [];
  const must = "be what a name of a metric can begin with: lower-case letters, digits and '_', and no digit first";
  return [{ prop, must, got, fix }];
}

function wrongMetric(prop: string, got: string | undefined): readonly Refusal[] {
  if (got === undefined || /^[a-zA-Z_:][\w:]*(?:\{.*\})?$/.test(got)) return [];
  return [{ prop, must: 'be the name of a metric', got, fix: "write it as 'shop_cluster_nodes'" }];
}
