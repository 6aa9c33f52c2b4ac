import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';

const MAIN = join(PROJECT_ROOT, 'infra/local/main.ts');

it.each(['--help', '--once'])(
  '`%s | head -1` ends quietly, and soon',
  async (option) => {
    const command = `"${process.execPath}" "${MAIN}" ${option} | head -1; echo "exit code $PIPESTATUS"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], { timeout: 60_000 });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/exit code 0\n$/);
  },
  70_000,
);
