import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { removeSynthesised, synthesise } from './synth.ts';

/** Budget of the design: a cold start reads and compiles all of it. */
const BYTES = 300 * 1024;

afterAll(removeSynthesised);

it('bundles each Lambda function into at most 300 KB', () => {
  const { assembly, stacks } = synthesise({ grafana: true }, { bundling: true });
  const functions = Object.values(stacks).flatMap((stack) =>
    Object.values(stack.findResources('AWS::Lambda::Function')),
  );
  const sizes = functions.map(({ Properties: { Description, Code } }) => {
    const asset = String(Code.S3Key).replace('.zip', '');
    return { function: Description, bytes: statSync(join(assembly.directory, `asset.${asset}`, 'index.js')).size };
  });
  expect(sizes).toHaveLength(4);
  expect(sizes.filter(({ bytes }) => bytes > BYTES)).toEqual([]);
}, 120_000);
