/**
 * `npm run local`: the whole path on this machine, without an AWS account. Runs the scenario, then stays up for trying
 * things by hand; with `--once` it ends after the scenario. `npm run local -- <command>` talks to it.
 */
import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { bold, dim, green, red } from '../cli/terminal/paint.ts';
import { type CommandParts, localProgram } from './commands/local-program.ts';
import { operate } from './commands/operate.ts';
import { startLocalSystem } from './local-system.ts';
import { checkMachine } from './machine.ts';
import { runningSystem } from './running-system.ts';
import { runScenario } from './scenario/scenario.ts';
import { stayUp } from './stay-up.ts';
import { whenPipeCloses } from './terminal/closed-pipe.ts';
import { startReport } from './terminal/start-report.ts';
import { wrap } from './terminal/wrap.ts';

/** Shell convention: ended by a signal. */
const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

const runLocal = async (isOnce: boolean, signal: AbortSignal): Promise<void> => {
  await checkMachine();
  console.log(`\n  ${bold('ecs-prometheus-discovery on this machine')}`);
  const system = await startLocalSystem(startReport(signal), signal);
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const use = async (): Promise<void> => {
    await runScenario(system, over);
    console.log(`\n  ${green('Everything happened.')}`);
    if (!isOnce) await stayUp(system, over, () => process.kill(process.pid, 'SIGINT'));
  };
  const lose = async (): Promise<never> => {
    throw new Error(await system.lost);
  };
  try {
    await Promise.race([use(), lose()]);
  } finally {
    ending.abort();
    console.log(dim('\n  Stopping.'));
    await system.stop();
  }
};

/** Sets the exit code: that of a signal that came before the scenario was over; 0 where nobody reads any more. */
const runUntilStopped = async (isOnce: boolean): Promise<void> => {
  const stopping = new AbortController();
  let exitCode = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      exitCode = exitCodeOf(signal);
      // Who asks twice does not want to wait; the orphan guard ends what is left.
      if (stopping.signal.aborted) process.exit(exitCode);
      stopping.abort();
    });
  }
  whenPipeCloses(() => stopping.abort());
  try {
    await runLocal(isOnce, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    process.exitCode = exitCode;
  }
};

const main = async (words: readonly string[]): Promise<void> => {
  const parts: CommandParts = {
    system: runningSystem,
    print: console.log,
    operate: async (system, typed) => {
      process.exitCode = await operate(system, typed);
    },
  };
  const { program, run } = localProgram(parts, 'npm run local --');
  program
    .description('Runs the scenario, then stays up for trying things. While it is up, the commands talk to it.')
    .option('--once', 'run the scenario and end; the exit code says whether all of it happened');
  const isCommand = words.some((word) => !word.startsWith('-'));
  if (isCommand) whenPipeCloses(() => process.exit(0));
  else program.action(({ once }) => runUntilStopped(once === true));
  await run(words);
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const message = error instanceof Error ? error.message : String(error);
    const lines = message.split('\n').map((line) => wrap(line, '  '));
    console.error(`\n${red(lines.join('\n'))}`);
    process.exitCode = 1;
  }
}
// Connections that SDK clients keep open must not keep this program alive.
process.exit();
