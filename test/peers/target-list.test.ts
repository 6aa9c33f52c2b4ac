import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../local/until.ts';
import { type TargetList, watchTargets } from './target-list.ts';

let folder: string;
let list: TargetList;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'targets-'));
  await writeFile(join(folder, 'one.json'), '[{"targets":["127.1.0.1:3000","127.1.0.2:3000"]}]');
  list = await watchTargets(folder, (name) => name.endsWith('.json') || name.endsWith('.yaml'));
});

afterAll(async () => {
  list.stop();
  await rm(folder, { recursive: true, force: true });
});

it('has what the files hold from the beginning', () => {
  expect([list.size(), list.has('127.1.0.2:3000'), list.has('127.1.0.3:3000')]).toEqual([2, true, false]);
});

it('follows files that are replaced, written in place and removed', async () => {
  let changes = 0;
  const end = list.onChange(() => changes++);
  await writeFile(join(folder, 'one.new'), '127.1.0.3:3000\n');
  await rename(join(folder, 'one.new'), join(folder, 'one.json'));
  await until('the replaced file', async () => list.has('127.1.0.3:3000') && list.size() === 1);
  await writeFile(join(folder, 'two.yaml'), '- targets:\n    - 127.1.0.4:3000\n  labels: {port: "127.1.0.5:80"}\n');
  await until('the second file', async () => list.size() === 2);
  expect(list.missing(['127.1.0.3:3000', '127.1.0.4:3000', '127.1.0.9:3000'])).toEqual(['127.1.0.9:3000']);
  await rm(join(folder, 'one.json'));
  await until('the removal', async () => list.size() === 1);
  expect(changes).toBeGreaterThan(2);
  end();
});
