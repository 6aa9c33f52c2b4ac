import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import {
  COLLECTOR,
  moduleVersion,
  OBSERVING_COLLECTOR,
  PROMETHEUS_DISCOVERY,
} from '../../../infra/local/collector/build.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';

it('a binary is built again when any of its sources changes', () => {
  const sources = new Set([COLLECTOR, OBSERVING_COLLECTOR, PROMETHEUS_DISCOVERY].flatMap((program) => program.sources));
  const files = readdirSync(join(PROJECT_ROOT, 'containers/collector/otelcol'), { recursive: true, encoding: 'utf8' });
  expect([...sources].sort()).toEqual(files.filter((name) => name.endsWith('.go')).sort());
});

it('what a program contains is said as go.mod has it', async () => {
  expect(await moduleVersion('github.com/prometheus/prometheus')).toMatch(/^0\.\d+\.\d+$/);
  await expect(moduleVersion('github.com/prometheus')).rejects.toThrow('github.com/prometheus ');
});
