/**
 * `npm run local`: the whole path on this machine, without an AWS account. Runs the scenario, then stays up for trying
 * things by hand until Ctrl-C; with `--once` it ends after the scenario. `npm run local -- <command>` talks to it.
 */
import { constants } from 'node:os';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bold, dim, green, red } from '../cli/terminal/paint.ts';
import { commandList, runCommand } from './commands.ts';
import { followChanges } from './follow.ts';
import { type LocalSystem, startLocalSystem } from './local-system.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from './loopback.ts';
import { checkMachine } from './machine.ts';
import { LOG_ROOT } from './paths.ts';
import { runScenario } from './scenario/scenario.ts';
import { whenPipeCloses } from './terminal/closed-pipe.ts';
import { startReport } from './terminal/start-report.ts';
import { wrap } from './terminal/wrap.ts';

const USAGE = `npm run local                 run the scenario, then stay up until Ctrl-C
npm run local -- --once       run the scenario and end; the exit code says whether all of it happened
While it is up, in another terminal:
${commandList().join('\n')}`;

/** Shell convention: ended by a signal. */
const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

const stayUp = async (system: LocalSystem, signal: AbortSignal): Promise<void> => {
  const { prometheus, scraper, targetsDirectory, aws } = system.running;
  const { accessKeyId, secretAccessKey } = DUMMY_CREDENTIALS;
  console.log(`\n  ${bold('It stays up until Ctrl-C. In another terminal:')}`);
  for (const line of commandList()) console.log(`      ${line}`);
  const where = [
    ['Prometheus', `${prometheus}/graph?g0.expr=up&g0.tab=1`],
    ['Targets', `${scraper}/api/v1/targets`],
    ['Target files', `${relative('', targetsDirectory)}/*.json`],
    ['Logs', `${relative('', LOG_ROOT)}/*.log (of the Lambdas: ministack.log)`],
    ['AWS', `export AWS_ENDPOINT_URL=${aws}`],
    ['', `export AWS_REGION=${LOCAL_REGION} AWS_ACCESS_KEY_ID=${accessKeyId}`],
    ['', `export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`],
  ];
  for (const [name = '', address = ''] of where) console.log(`      ${name.padEnd(16)} ${address}`);
  await followChanges(system, signal);
};

const runLocal = async (isOnce: boolean, signal: AbortSignal): Promise<void> => {
  await checkMachine();
  console.log(`\n  ${bold('ecs-prometheus-discovery on this machine')}`);
  const system = await startLocalSystem(startReport(signal), signal);
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  const use = async (): Promise<void> => {
    await runScenario(system, over);
    console.log(`\n  ${green('Everything happened.')}`);
    if (!isOnce) await stayUp(system, over);
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

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [command, argument] = positionals;
  if (command !== undefined) {
    whenPipeCloses(() => process.exit(0));
    console.log(await runCommand(command, argument));
    return 0;
  }
  const stopping = new AbortController();
  let interrupted = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = exitCodeOf(signal);
      // Who asks twice does not want to wait; the orphan guard ends what is left.
      if (stopping.signal.aborted) process.exit(interrupted);
      stopping.abort();
    });
  }
  whenPipeCloses(() => stopping.abort());
  try {
    await runLocal(values.once, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return interrupted;
  }
  return 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split('\n').map((line) => wrap(line, '  '));
  console.error(`\n${red(lines.join('\n'))}`);
  process.exitCode = 1;
}
// Connections that SDK clients keep open must not keep this program alive.
process.exit();
