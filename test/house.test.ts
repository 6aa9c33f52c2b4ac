/** What the import law of .dependency-cruiser.cjs does not see. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../infra/local/paths.ts';

it.each(['functions', 'containers', 'infra', 'test', 'docs'])(
  'no file lies beside a folder of its name in %s',
  (root) => {
    const all = readdirSync(join(PROJECT_ROOT, root), { recursive: true, withFileTypes: true });
    const folders = new Set(all.filter((it) => it.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)));
    const files = all.filter((it) => it.isFile() && !it.name.startsWith('.'));
    expect(files.length).toBeGreaterThan(20);
    const namedLike = ({ parentPath, name }: (typeof files)[number]) => join(parentPath, name.split('.')[0] ?? '');
    expect(files.filter((file) => folders.has(namedLike(file))).map(({ name }) => name)).toEqual([]);
  },
);
