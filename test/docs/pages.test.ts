import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENT } from '../../functions/discovery/names.ts';
import { TARGET_SYNC_ENVIRONMENT } from '../../functions/discovery/target-sync-environment.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { SETTINGS } from '../../infra/settings/settings.ts';
import { anchorsOf, linksIn, PAGES, SOURCES } from './pages.ts';

const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'),
).scripts;

/** The sources of a script: those of the folder that its program is in. */
const sourcesBeside = (entry: string): string =>
  readdirSync(dirname(entry), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.ts'))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');

describe.each([...PAGES])('%s', (path, page) => {
  it('links to files and headings that there are', () => {
    const dead = linksIn(page).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : relative('', join(dirname(path), file));
      if (!existsSync(join(PROJECT_ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(PAGES.get(target) ?? '').includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  it('names npm scripts that there are', () => {
    const named = [...page.matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('gives npm scripts words that they take', () => {
    const given = [...page.matchAll(/\bnpm run ([a-z][\w:-]*) -- ([^`|#\n]*)/g)];
    const unknown = given.flatMap(([, name = '', words = '']) => {
      const entry = scripts[name]?.split(' ')[1] ?? '';
      const source = sourcesBeside(join(PROJECT_ROOT, entry));
      const named = words.match(/(?<=^|\s)(?:--)?[a-z][\w-]*/g) ?? [];
      return named
        .filter((word) => !new RegExp(`\\b${word.replace(/^--/, '')}\\b`).test(source))
        .map((it) => `${name} ${it}`);
    });
    expect(unknown).toEqual([]);
  });

  it('names settings that there are', () => {
    const named = [...page.matchAll(/-c ([A-Za-z]+)=/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(SETTINGS, name) && name !== 'name')).toEqual([]);
  });

  it('names environment variables that there are', () => {
    const named = page.match(/\b(DISCOVERY|TARGET_SYNC)_[A-Z_]+\b/g) ?? [];
    const known = Object.values<string>({ ...ENVIRONMENT, ...TARGET_SYNC_ENVIRONMENT });
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names outputs of the stacks that there are', () => {
    const named = [...page.matchAll(/\$\(output ([A-Za-z]+)\d*\)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !SOURCES.includes(`'${name}'`))).toEqual([]);
  });

  it('names files of this repository that there are', () => {
    const named = [...page.matchAll(/`((?:functions|infra|containers|test|docs)\/[\w./-]*)`/g)].map(
      ([, it = '']) => it,
    );
    expect(named.filter((file) => !existsSync(join(PROJECT_ROOT, file)))).toEqual([]);
  });
});

it('there are pages to look at', () => {
  expect([...PAGES.keys()]).toEqual(
    expect.arrayContaining(['docs/operations.md', 'docs/migrating.md', 'docs/costs.md']),
  );
});
