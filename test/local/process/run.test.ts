import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ProgramFailedError, run } from '../../../infra/local/process/run.ts';

const environment = { PATH: process.env['PATH'] };

describe('running a program to its end', () => {
  it('answers what it printed', async () => {
    expect(await run('echo', ['a', 'b'], { environment })).toBe('a b\n');
  });

  it('fails with the last lines it printed', async () => {
    const failing = run('sh', ['-c', 'echo reason >&2; exit 3'], { environment });
    await expect(failing).rejects.toThrow(ProgramFailedError);
    await expect(failing).rejects.toThrow('reason');
    await expect(run('no-such-program', [], { environment })).rejects.toThrow(ProgramFailedError);
  });

  it('is over only when a program that is told to end has ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'run-'));
    const ended = join(folder, 'ended');
    const stopping = new AbortController();
    const script = `trap "sleep 0.3; touch ${ended}; exit 0" TERM; while :; do sleep 0.05; done`;
    const running = run('sh', ['-c', script], { environment, signal: stopping.signal });
    setTimeout(() => stopping.abort(), 100);
    await expect(running).rejects.toThrow(ProgramFailedError);
    await access(ended);
    await rm(folder, { recursive: true });
  });

  it('ends what the program started, too', async () => {
    const stopping = new AbortController();
    // It is over when the output is closed, which the second program would keep open for a minute.
    const running = run('sh', ['-c', 'sleep 60 & wait'], { environment, signal: stopping.signal });
    setTimeout(() => stopping.abort(), 200);
    await expect(running).rejects.toThrow(ProgramFailedError);
  });
});
