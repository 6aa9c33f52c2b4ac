/** Every command that a page gives to a shell, run by the real programs, in the order of reading. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { PAGES } from '../pages.ts';
import { BLOCKS, type Block } from './blocks.ts';
import { ELSEWHERE, REFUSED, type Refused } from './not-run.ts';
import { type Reader, startReader } from './reader.ts';
import { makeReferenceSystem } from './reference-system.ts';
import { CHAPTERS, chapterOf, ORDER } from './story.ts';

// Some blocks deploy twice, which takes a minute on a machine that is busy with something else.
jest.setTimeout(240_000);

let reader: Reader;

beforeAll(async () => {
  reader = await startReader();
  await makeReferenceSystem(reader);
}, 300_000);

afterAll(() => reader?.stop());

const refusalOf = (block: Block, line: string): Refused | undefined =>
  REFUSED.find(({ page, command }) => page === block.page && command === line);

const isShell = (block: string): boolean => /^\s*(\$ )?(aws|npx|npm) /m.test(block);

/** The lines of a block that run together, and between them those that are refused. */
function stepsOf(block: Block): { readonly script: string; readonly refusal: Refused | undefined }[] {
  const here = block.lines.filter((line) => !Object.hasOwn(ELSEWHERE, line));
  const steps: { script: string; refusal: Refused | undefined }[] = [];
  for (const line of here) {
    const refusal = refusalOf(block, line);
    const last = steps.at(-1);
    if (refusal !== undefined || last === undefined || last.refusal !== undefined)
      steps.push({ script: line, refusal });
    else last.script += `\n${line}`;
  }
  return steps;
}

const blocksOn = (page: string): Block[] => BLOCKS.filter((block) => block.page === page && stepsOf(block).length > 0);

describe.each(ORDER.filter((page) => blocksOn(page).length > 0))('%s', (page) => {
  const blocks = blocksOn(page);

  it.each(blocks.map((block) => [stepsOf(block)[0]?.script.split('\n')[0] ?? '', block] as const))(
    '%s',
    async (_, block) => {
      const chapter = chapterOf(block);
      await chapter?.before?.(reader);
      let printed = '';
      for (const { script, refusal } of stepsOf(block)) {
        if (refusal === undefined) printed += await reader.sh(script);
        else await expect(reader.sh(script)).rejects.toThrow(refusal.says);
      }
      await chapter?.after?.(reader, printed);
    },
  );
});

describe('the commands', () => {
  const lines = BLOCKS.flatMap((block) => block.lines.map((line) => ({ block, line })));

  it('are those of all pages', () => {
    expect([...new Set(BLOCKS.map(({ page }) => page))].sort()).toEqual([...ORDER].sort());
    expect(lines.length).toBeGreaterThan(80);
  });

  it('are in blocks of the language sh alone', () => {
    const others = [...PAGES].flatMap(([page, text]) =>
      [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)]
        .filter(
          ([, , language = '', block = '']) => language !== 'sh' && (/sh|console/.test(language) || isShell(block)),
        )
        .map(([block]) => [page, block]),
    );
    expect(others).toEqual([]);
  });

  it('that do not run here are on a page', () => {
    const refused = REFUSED.filter((it) => !lines.some(({ block, line }) => refusalOf(block, line) === it));
    const elsewhere = Object.keys(ELSEWHERE).filter((command) => !lines.some(({ line }) => line === command));
    expect([refused, elsewhere]).toEqual([[], []]);
  });

  it('that something else runs are run by it', () => {
    const words = Object.values(ELSEWHERE).flatMap(({ ranBy }) => (ranBy === undefined ? [] : [ranBy]));
    const missing = words.filter(([file, it]) => !readFileSync(join(PROJECT_ROOT, file), 'utf8').includes(it));
    expect(missing).toEqual([]);
  });

  it('have an expectation each time one is written for them', () => {
    const counts = CHAPTERS.map(({ page, with: words }) => [
      words,
      BLOCKS.filter((block) => block.page === page && block.lines.join('\n').includes(words)).length,
    ]);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });
});
