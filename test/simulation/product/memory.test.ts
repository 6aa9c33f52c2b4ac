import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { KINDS } from '../kinds.ts';
import { storyOf } from '../soak/divergence.ts';
import { tellToTheEnd } from '../story.ts';
import { wireProduct } from './product-pipeline.ts';

/** Tells a history, and keeps nothing of it. */
const told = async (kind: string, seed: number): Promise<WeakRef<object>> =>
  new WeakRef((await tellToTheEnd(storyOf({ kind, seed }), wireProduct)).world);

it('a history that was told leaves nothing in memory: a soak tells many thousands', async () => {
  const worlds: WeakRef<object>[] = [];
  for (const kind of Object.keys(KINDS)) worlds.push(await told(kind, 1));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { execution: 'async' }) => Promise<void>;
  await collect({ execution: 'async' });
  expect(worlds.filter((world) => world.deref())).toHaveLength(0);
});
