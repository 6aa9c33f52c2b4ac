import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loopbackEnvironment } from '../../infra/local/loopback.ts';
import { LOCAL_ROOT } from '../../infra/local/paths.ts';
import { type Child, startChild } from '../../infra/local/process/child.ts';
import { keepRunning } from '../../infra/local/process/keep-running.ts';

const sleeper = (): Promise<Child> =>
  startChild({
    name: 'sleeper',
    command: 'sleep',
    arguments: ['60'],
    environment: loopbackEnvironment(),
    log: join(LOCAL_ROOT, 'test/keep-running.log'),
  });

describe('a program that is kept running', () => {
  it('is started again when it is killed, and no more when the watch is over', async () => {
    const started = [await sleeper()];
    const said: string[] = [];
    const { promise: restarted, resolve } = Promise.withResolvers<void>();
    const release = keepRunning(
      'The sleeper',
      {
        process: () => started.at(-1) as Child,
        start: async () => {
          started.push(await sleeper());
          resolve();
        },
      },
      (line) => said.push(line),
    );
    started[0]?.kill();
    await restarted;
    expect(started[1]?.running()).toBe(true);
    expect(said).toEqual(['The sleeper ended (signal SIGKILL) and is started again.']);

    release();
    await started[1]?.stop();
    await new Promise((soon) => setTimeout(soon, 1500));
    expect(started).toHaveLength(2);
  });
});
