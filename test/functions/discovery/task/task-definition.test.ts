import { expect, it } from '@jest/globals';
import { parseNetworkMode } from '../../../../functions/discovery/task/task-definition.ts';

it.each([
  [undefined, 'bridge'],
  ['', 'bridge'],
  ['bridge', 'bridge'],
  ['awsvpc', 'awsvpc'],
  ['host', 'host'],
  ['none', 'none'],
  ['default', 'bridge'],
  ['mesh', 'mesh'],
])('the network mode %p of a task definition is %s', (mode, meaning) => {
  expect(parseNetworkMode(mode)).toBe(meaning);
});
