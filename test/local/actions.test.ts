import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ActionFailed, type Actions, actions } from '../../infra/local/actions.ts';

describe('sending the event in a file', () => {
  let folder: string;
  let sendEvent: Actions['sendEvent'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'events-'));
    const nobody = 'http://127.0.0.1:1';
    const endpoints = { aws: nobody, ecs: nobody, scraper: nobody, prometheus: nobody, targetSync: nobody };
    const names = { deployment: 'd', cluster: 'local', service: 's', resyncFunction: 'f', registryId: 'r' };
    ({ sendEvent } = actions({ ...endpoints, ...names, shards: 1, targetsDirectory: folder }));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['', 'is no file with JSON'],
    ['{"a": ', 'is no file with JSON'],
    ['null', 'is no event of EventBridge: missing or wrong the event itself'],
    ['{}', 'is no event of EventBridge: missing or wrong source, detail-type, detail'],
    ['{"source":"aws.ecs","detail-type":"x","detail":"text"}', 'missing or wrong detail'],
  ])('says what is wrong with %j', async (text, words) => {
    const file = join(folder, 'event.json');
    await writeFile(file, text);
    await expect(sendEvent(file)).rejects.toThrow(ActionFailed);
    await expect(sendEvent(file)).rejects.toThrow(`${file} `);
    await expect(sendEvent(file)).rejects.toThrow(words);
  });

  it('says that there is no such file', async () => {
    await expect(sendEvent(join(folder, 'none.json'))).rejects.toThrow(/none\.json is no file with JSON: .*ENOENT/);
  });
});
