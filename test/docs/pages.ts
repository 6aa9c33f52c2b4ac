/** The pages for people, and what they quote. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';

/** What is installed or made, and may change while we look. */
const NOT_OURS = ['node_modules', 'cdk.out', 'dist', 'coverage'];

/** Every Markdown page of the repository, by its path. Folders with a dot, such as .local, are not looked into. */
export const PAGES: ReadonlyMap<string, string> = new Map(
  globSync('**/*.md', { cwd: PROJECT_ROOT, exclude: (name) => NOT_OURS.includes(name) }).map((path) => [
    path,
    readFileSync(join(PROJECT_ROOT, path), 'utf8'),
  ]),
);

export const pageOf = (path: string): string => {
  const page = PAGES.get(path);
  if (page === undefined) throw new Error(`There is no page ${path}`);
  return page;
};

/** All TypeScript that is deployed or runs in a container. */
export const SOURCES: string = globSync('{functions,containers,infra}/**/*.ts', {
  cwd: PROJECT_ROOT,
  exclude: (name) => NOT_OURS.includes(name),
})
  .map((path) => readFileSync(join(PROJECT_ROOT, path), 'utf8'))
  .join('\n');

const withoutCode = (page: string): string => page.replace(/^( *)```[\s\S]*?^\1```$/gm, '');

/** Code blocks of a language. */
export const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)]
    .filter(([, , of]) => of === language)
    .map(([, , , text = '']) => text);

/** What stands between backticks outside code blocks. */
export const quotesIn = (text: string): string[] =>
  [...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, quoted = '']) => quoted);

/** The part of a page below a heading, up to the next one of the same or a higher level. */
export function sectionOf(page: string, heading: string): string {
  const lines = page.split('\n');
  let inCode = false;
  const levels = lines.map((line) => {
    if (line.trimStart().startsWith('```')) inCode = !inCode;
    return inCode ? 0 : (line.match(/^#+(?= )/)?.[0].length ?? 0);
  });
  const start = lines.findIndex((line, index) => levels[index] !== 0 && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`There is no section ${heading}`);
  const end = levels.findIndex((level, index) => index > start && level !== 0 && level <= (levels[start] ?? 0));
  return lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
}

/** Relative links of a page. */
export const linksIn = (page: string): string[] =>
  [...withoutCode(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors that GitHub gives to the headings of a page. */
export const anchorsOf = (page: string): string[] =>
  withoutCode(page)
    .split('\n')
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    );

/** The first cells of the rows of all tables in a text, without the heads. */
export const firstCells = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line, index, lines) =>
        line.startsWith('|') && !/^\|[\s:|-]+\|?$/.test(line) && !/^\|[\s:|-]+\|?$/.test(lines[index + 1] ?? ''),
    )
    .map((line) => line.split('|')[1]?.trim() ?? '');
