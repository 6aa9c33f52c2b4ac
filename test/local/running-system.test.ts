import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AlreadyRunningError,
  claimMachine,
  forgetRunningSystem,
  NotRunningError,
  type RunningSystem,
  rememberRunningSystem,
  runningSystem,
} from '../../infra/local/running-system.ts';

const LOOPBACK = 'http://127.0.0.1:1';
const system: RunningSystem = {
  ...{ aws: LOOPBACK, ecs: LOOPBACK, scraper: LOOPBACK, prometheus: LOOPBACK, targetSync: LOOPBACK },
  ...{ deployment: 'd', cluster: 'c', shards: 1, registryId: 'r', targetsDirectory: '/t' },
  ...{ service: 's', resyncFunction: 'f' },
};

describe('the system that runs here', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'running-'));
    file = join(folder, 'running.json');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is one: a second start is refused from the first moment of the first one on', async () => {
    const outcomes = await Promise.allSettled([claimMachine(file), claimMachine(file)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(claimMachine(file)).rejects.toThrow(AlreadyRunningError);
    await expect(claimMachine(file)).rejects.toThrow(`It runs already (process ${process.pid}).`);
    expect(await readdir(folder)).toEqual(['running.json']);
  });

  it('takes no command before it is up', async () => {
    await claimMachine(file);
    await expect(runningSystem(file)).rejects.toThrow('It is still starting');
    await rememberRunningSystem(system, file);
    expect(await runningSystem(file)).toMatchObject(system);
    await forgetRunningSystem(file);
    await expect(runningSystem(file)).rejects.toThrow(NotRunningError);
  });

  it('is none where its process is dead and another one has its number', async () => {
    await rememberRunningSystem(system, file);
    const left = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...left, born: '1' }));
    await expect(runningSystem(file)).rejects.toThrow(NotRunningError);
    await claimMachine(file);
  });

  it.each(['', '{"pid":', 'null', '{}'])('is none where the file holds %j', async (text) => {
    await writeFile(file, text);
    await expect(runningSystem(file)).rejects.toThrow(NotRunningError);
    await claimMachine(file);
  });

  it('is never talked to where its endpoints are not on this machine', async () => {
    await rememberRunningSystem({ ...system, aws: 'https://sqs.us-east-1.amazonaws.com' }, file);
    await expect(runningSystem(file)).rejects.toThrow('is not on this machine');
  });
});
