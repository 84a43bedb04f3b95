import type { Manifest } from '../../../lib/index';

/** A line of a panel: what Prometheus answered, a point for each step. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [time: number, value: number])[];
}

const COLORS = ['#3b7ddd', '#e0662f', '#2f9e6e', '#b6479a', '#c2a01e', '#6b5bd2', '#5b6b7b', '#d1495b', '#2aa1b3', '#8a6d3b'];
/** Of a column and a row of Grafana's grid. */
const [COLUMN, ROW] = [44, 26];
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 10, 26, 34];
const MOST_NAMES = 4;

/** A dashboard as a picture, of the answers to its panels between two times. */
export function draw(dashboard: Manifest, answers: ReadonlyMap<number, readonly Line[]>, start: number, end: number): string {
  const panels = dashboard['panels'] as Manifest[];
  const height = Math.max(...panels.map(({ gridPos }) => Number(gridPos.y) + Number(gridPos.h))) * ROW + 36;
  const drawn = panels.map((panel) => {
    const { x, y, w, h } = panel['gridPos'] as Record<'x' | 'y' | 'w' | 'h', number>;
    const inner = drawPanel(panel, answers.get(Number(panel['id'])) ?? [], {
      width: w * COLUMN - 8,
      height: h * ROW - 8,
      start,
      end,
    });
    return `<g transform="translate(${x * COLUMN + 4},${y * ROW + 36})">\n${inner}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * COLUMN} ${height}" font-family="sans-serif" font-size="11" fill="#24292f">`,
    `<rect width="100%" height="100%" fill="#f4f5f7"/>`,
    `<text x="8" y="24" font-size="16">${escaped(String(dashboard['title']))}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly width: number;
  readonly height: number;
  readonly start: number;
  readonly end: number;
}

function drawPanel(panel: Manifest, given: readonly Line[], place: Place): string {
  const { unit, custom } = panel['fieldConfig'].defaults as Manifest;
  const isStacked = custom.stacking.mode === 'normal';
  const lines = isStacked ? stacked(given) : given;
  const { width, height, start, end } = place;
  const top = Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value)), 0);
  const [ticks, most] = ticksTo(top);
  const toX = (time: number) => Math.round(LEFT + ((time - start) / (end - start)) * (width - LEFT - RIGHT));
  const toY = (value: number) => Math.round(height - BOTTOM - (value / most) * (height - TOP - BOTTOM));
  const grid = ticks.map(
    (value) =>
      `<path d="M${LEFT} ${toY(value)}H${width - RIGHT}" stroke="#e1e4e8"/><text x="${LEFT - 4}" y="${toY(value) + 4}" text-anchor="end">${shown(value, unit)}</text>`,
  );
  const hours = [0, 1, 2, 3].map((hour) => {
    const time = start + hour * 3600;
    return `<text x="${toX(time)}" y="${height - BOTTOM + 14}" text-anchor="${hour === 3 ? 'end' : 'middle'}">${new Date(time * 1000).toISOString().slice(11, 16)}</text>`;
  });
  const curves = lines.map(({ points }, index) => {
    const path = points.map(([time, value]) => `${toX(time)} ${toY(value)}`).join('L');
    const area = isStacked
      ? `<path d="M${toX(start)} ${toY(0)}L${path}V${toY(0)}Z" fill="${colorOf(index)}" fill-opacity="0.35"/>`
      : '';
    return `${area}<path d="M${path}" fill="none" stroke="${colorOf(index)}" stroke-width="1.5"/>`;
  });
  return [
    `<rect width="${width}" height="${height}" rx="3" fill="#fff" stroke="#d8dde3"/>`,
    `<text x="8" y="17" font-size="12" font-weight="bold">${escaped(String(panel['title']))}</text>`,
    ...grid,
    ...hours,
    // What lies on top of others is drawn first.
    ...(isStacked ? curves.reverse() : curves),
    ...names(given, height),
  ].join('\n');
}

function names(lines: readonly Line[], height: number): string[] {
  const some = lines.slice(0, MOST_NAMES).map(({ name }) => name.slice(0, 22));
  if (lines.length > MOST_NAMES) some.push(`${lines.length - MOST_NAMES} more`);
  let x = 10;
  return some.map((name, index) => {
    const own = `<rect x="${x}" y="${height - 13}" width="8" height="3" fill="${index < MOST_NAMES ? colorOf(index) : '#fff'}"/><text x="${x + 11}" y="${height - 8}" font-size="10">${escaped(name)}</text>`;
    x += 20 + name.length * 5.4;
    return own;
  });
}

function colorOf(index: number): string {
  return COLORS[index % COLORS.length] ?? '#000';
}

/** Each line upon those before it. */
function stacked(lines: readonly Line[]): Line[] {
  const sums = new Map<number, number>();
  return lines.map(({ name, points }) => ({
    name,
    points: points.map(([time, value]): [number, number] => {
      const sum = (sums.get(time) ?? 0) + value;
      sums.set(time, sum);
      return [time, sum];
    }),
  }));
}

/** Round values from nothing to a little more than the highest. */
function ticksTo(top: number): [ticks: number[], most: number] {
  if (!(top > 0)) return [[0, 1], 1];
  const rough = top / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const count = Math.ceil(top / step);
  return [Array.from({ length: count + 1 }, (_, index) => index * step), count * step];
}

const round = (value: number) => String(Number(value.toPrecision(3)));

function shown(value: number, unit: string): string {
  if (value === 0) return '0';
  if (unit === 'percentunit') return `${round(value * 100)} %`;
  if (unit === 'ms') return value >= 1000 ? `${round(value / 1000)} s` : `${round(value)} ms`;
  if (unit === 's') return `${round(value)} s`;
  if (unit === 'bytes') return value >= 2 ** 30 ? `${round(value / 2 ** 30)} GiB` : `${round(value / 2 ** 20)} MiB`;
  if (unit === 'Bps') return value >= 2 ** 20 ? `${round(value / 2 ** 20)} MiB/s` : `${round(value / 1024)} KiB/s`;
  const short = value >= 1e6 ? `${round(value / 1e6)} M` : value >= 1e4 ? `${round(value / 1e3)} k` : round(value);
  return unit === 'reqps' || unit === 'ops' ? `${short}/s` : short;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
