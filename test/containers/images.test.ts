/** The Dockerfiles, followed without Docker: what they copy is copied into an empty folder, and run by their command. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { IMAGES, type ImageName, imageFolder } from '../../infra/build/image-contexts.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { startNode } from './started.ts';

const SCRATCH = join(PROJECT_ROOT, '.local', 'test', `images-${process.pid}`);

afterAll(() => rm(SCRATCH, { recursive: true, force: true }));

interface Instruction {
  readonly name: string;
  readonly words: readonly string[];
}

/** The instructions of a Dockerfile by its stages, each of which begins with FROM. */
function stagesOf(image: ImageName): Instruction[][] {
  const lines = readFileSync(join(imageFolder(image), 'Dockerfile'), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [name = '', ...words] = line.split(/\s+/);
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, words });
  }
  return stages;
}

const named = (stage: readonly Instruction[], name: string): (readonly string[])[] =>
  stage.filter((instruction) => instruction.name === name).map(({ words }) => words);

/** Copies what the last stage copies from the folder that Docker builds from, and nothing else, and returns the bundle. */
async function build(image: ImageName): Promise<string> {
  const folder = join(SCRATCH, image);
  await mkdir(folder, { recursive: true });
  const copied = named(stagesOf(image).at(-1) ?? [], 'COPY')
    .map((words) => words.filter((word) => !word.startsWith('--chown=')))
    .filter(([first]) => first !== '--from=build');
  expect(copied).toEqual([[`${image}.cjs`, `/app/${image}.cjs`]]);
  const bundle = join(folder, 'bundle.cjs');
  await cp(join(imageFolder(image), `${image}.cjs`), bundle);
  return bundle;
}

/** Starts a bundle as the image does, from a folder without modules. */
function start(image: ImageName, bundle: string, environment: Readonly<Record<string, string>>) {
  const [command = []] = named(stagesOf(image).at(-1) ?? [], 'CMD');
  const [program, ...options] = JSON.parse(command.join(' ')) as string[];
  expect([program, options.at(-1)]).toEqual(['node', `/app/${image}.cjs`]);
  return startNode([...options.slice(0, -1), bundle], { cwd: '/', env: environment });
}

describe.each(IMAGES)('the image of %s', (image) => {
  it('runs the Node that the project is tested with, as a named version', () => {
    const { packages } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8'));
    const tested = packages['node_modules/node'].version;
    const bases = stagesOf(image).map(([from]) => from?.words.find((word) => !word.startsWith('--')));
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toBe(`node:${tested}-alpine`);
  });

  it('is built for the other architecture without an emulator: what runs at the build runs on the builder', () => {
    const stages = stagesOf(image);
    for (const stage of stages.slice(0, -1)) expect(stage[0]?.words).toContain('--platform=$BUILDPLATFORM');
    const last = stages.at(-1) ?? [];
    expect(last[0]?.words.filter((word) => word.startsWith('--platform'))).toEqual([]);
    expect(named(last, 'RUN')).toEqual([]);
  });

  it('runs as a user without privileges', () => {
    expect(named(stagesOf(image).at(-1) ?? [], 'USER')).toEqual([['node']]);
  });
});

it('the image of target-sync declares the folder that its user writes, so that ECS gives the volume to it', () => {
  const last = stagesOf('target-sync').at(-1) ?? [];
  const order = last.map(({ name, words }) => `${name} ${words.join(' ')}`);
  const copied = order.indexOf('COPY --from=build --chown=node:node /targets /targets');
  expect(copied).toBeGreaterThan(0);
  expect(order.indexOf('VOLUME /targets')).toBeGreaterThan(copied);
});

it('the bundle of target-sync has all that it imports', async () => {
  const { output, exit } = start('target-sync', await build('target-sync'), {});
  expect(await exit).toEqual([1, null]);
  expect(JSON.parse(output())).toMatchObject({ level: 'error', message: 'TARGET_SYNC_QUEUE_URL is not set.' });
}, 60_000);

it('the bundle of the webapp has all that it imports, and answers the health check', async () => {
  const { child, output, exit } = start('webapp', await build('webapp'), { HOST: '127.9.8.6', PORT: '0' });
  while (!output().includes('\n')) await Promise.race([once(child.stdout, 'data'), exit]);
  const origin = /http:\/\/127\.9\.8\.6:\d+/.exec(output())?.[0];
  expect((await fetch(`${origin}/health`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
}, 60_000);
