import { type Duration, type Size, SizeRoundingBehavior } from 'cdk8s';
import { type Cpu, k8s } from 'cdk8s-plus-27';

/** CPU as thousandths of a core. */
export function millis(cpu: Cpu): number {
  return cpu.amount.endsWith('m') ? Number(cpu.amount.slice(0, -1)) : Number(cpu.amount) * 1000;
}

/** Seconds of a duration, with what is less than one. */
export function secondsOf(duration: Duration): number {
  return duration.toSeconds({ integral: false });
}

/** A duration as Flux and Go read it: `300s`. */
export function secondsText(duration: Duration): string {
  return `${secondsOf(duration)}s`;
}

/** Whole bytes of a size. */
export function bytes(size: Size): number {
  return size.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1024;
}

/** A CPU quantity as people write it: `250m`, `2`. */
export function cpuQuantity(cpu: Cpu): k8s.Quantity {
  const thousandths = millis(cpu);
  return k8s.Quantity.fromString(thousandths % 1000 === 0 ? `${thousandths / 1000}` : `${thousandths}m`);
}

/** A size in the largest unit that keeps it whole: `1Gi`, `640Mi`, `100Ki`. */
export function sizeQuantity(size: Size): k8s.Quantity {
  const kibibytes = bytes(size) / 1024;
  const [unit, divisor] = kibibytes % 1048576 === 0 ? ['Gi', 1048576] : kibibytes % 1024 === 0 ? ['Mi', 1024] : ['Ki', 1];
  return k8s.Quantity.fromString(`${Math.ceil(kibibytes / divisor)}${unit}`);
}
