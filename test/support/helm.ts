import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Manifest } from '../../lib/index';

/** The text of a file of a chart. */
export function inChart(chart: string, path: string): string {
  return readFileSync(join(chart, path), 'utf8');
}

/** The files of a chart, by their paths in it. */
export function filesOf(chart: string): string[] {
  const files = readdirSync(chart, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(chart.length + 1)).sort();
}

/**
 * What Helm makes of the one template of a chart: of Go's language it knows what we write, and takes nothing else. A file that
 * `.Files.Get` gives is not looked into, as Helm does not.
 */
export function rendered(chart: string, namespace: string): string {
  const template = inChart(chart, 'templates/objects.yaml').replace(/^\{\{- \/\*[^*]*\*\/ -\}\}\n/, '');
  const form =
    /^\{\{- if ne \.Release\.Namespace "([^"]+)" \}\}\n\{\{- fail \(printf "([^"]+)" \.Release\.Namespace\) \}\}\n\{\{- end \}\}\n\{\{- range list\n((?: {2}"[^"{}]+"\n)+)\}\}\n---\n\{\{ \$\.Files\.Get \. \| required \(printf "([^"]+)" \.\) \}\}\n\{\{- end \}\}\n$/;
  const [, own, wrong = '', list = '', missing = ''] = form.exec(template) ?? [];
  if (own === undefined) throw new Error(`another template: ${template}`);
  if (own !== namespace) throw new Error(wrong.replace('%s', namespace));
  const paths = [...list.matchAll(/"([^"]+)"/g)].map(([, path = '']) => path);
  const texts = paths.map((path) => {
    if (!existsSync(join(chart, path))) throw new Error(missing.replace('%s', path));
    return inChart(chart, path);
  });
  return texts.map((text) => `\n---\n${text}`).join('');
}

/** The objects of a text. */
export function objectsIn(text: string): Manifest[] {
  return (loadAll(text) as (Manifest | null)[]).filter((one) => one !== null);
}
