import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { loopbackEnvironment } from '../loopback.ts';
import { PROJECT_ROOT } from '../paths.ts';
import type { RunningSystem } from '../running-system.ts';

const PROGRAM = join(PROJECT_ROOT, 'infra/cli/ecs-prometheus-discovery.js');

/** Where AWS is for a program that is to use the running system. */
export const systemEndpoints = ({ aws, ecs }: RunningSystem) => ({
  AWS_ENDPOINT_URL: aws,
  AWS_ENDPOINT_URL_ECS: ecs,
});

/** Runs the operator's command line as it is, on the running system, and answers its exit code. */
export const operate = async (system: RunningSystem, words: readonly string[]): Promise<number> => {
  const env = loopbackEnvironment(undefined, systemEndpoints(system));
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'inherit', 'inherit'], env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
};
