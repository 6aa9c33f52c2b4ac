/** `npm run picture`: runs everything on this machine once, and writes what it showed to docs/picture.svg. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_ROOT, PROJECT_ROOT } from '../paths.ts';
import { run } from '../process/run.ts';
import { sections } from './sections.ts';
import { terminalSvg } from './terminal-svg.ts';

const FILE = join(PROJECT_ROOT, 'docs/picture.svg');

/** What says most in the least lines: tasks that start, events that are lost and repaired, and the times of the whole run. */
const SHOWN = ['Scale to five', 'Lose the events', 'From the event to each stage'];

/** @throws ProgramFailedError with the end of what a run printed that failed */
const main = async (): Promise<void> => {
  console.log('This runs everything once, which takes two minutes.');
  const output = await run(process.execPath, [join(PROJECT_ROOT, 'infra/local/main.ts'), '--once'], {
    environment: { ...process.env, FORCE_COLOR: '1' },
    log: join(LOG_ROOT, 'picture.log'),
  });
  const lines = [' $ npm run local', '', ...sections(output, SHOWN)];
  await writeFile(FILE, terminalSvg(lines, `npm run local: ${SHOWN.join(', ')}`));
  console.log(`Written to ${FILE}.`);
};

try {
  await main();
} catch (error) {
  console.error(`There is no new picture: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
