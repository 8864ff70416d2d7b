import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where package.json lies: that of the repository, or that of the installed package, whose JavaScript lies in `dist`. */
export const projectRoot = rootAbove(import.meta.dirname);

/** Whether this runs from the TypeScript sources. An installed package has none: its Lambdas are bundled already. */
export const fromSources = import.meta.filename.endsWith('.ts');

function rootAbove(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const above = dirname(directory);
  if (above === directory) throw new Error(`There is no package.json above ${import.meta.dirname}.`);
  return rootAbove(above);
}
