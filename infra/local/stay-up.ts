/** After the scenario: what to look at, and what to try. */
import { relative } from 'node:path';
import { bold } from '../cli/terminal/paint.ts';
import { columnsOf } from '../cli/terminal/wrap.ts';
import { type LocalProgram, localProgram } from './commands/local-program.ts';
import { operate, systemEndpoints } from './commands/operate.ts';
import { PROMPT, runPrompt } from './commands/prompt.ts';
import { followChanges } from './follow.ts';
import type { LocalSystem } from './local-system.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from './loopback.ts';
import { LOG_ROOT } from './paths.ts';
import { printLine } from './terminal/live-block.ts';

/** Requests a second of each workload, over all of the scenario. */
const GRAPH = 'sum by (taskdefinition) (rate(http_requests_total[30s]))';

const printLinks = ({ running }: LocalSystem): void => {
  const { prometheus, targetSync, scraper, targetsDirectory } = running;
  const graph = new URLSearchParams({ 'g0.expr': GRAPH, 'g0.tab': '0', 'g0.range_input': '10m' });
  const { accessKeyId, secretAccessKey } = DUMMY_CREDENTIALS;
  const links = [
    ['Graph', `${prometheus}/graph?${graph}`],
    ['Status page', `${targetSync}/status`],
    ['Targets', `${targetSync}/targets`],
    ['Scrapes', `${scraper}/api/v1/targets`],
    ['Target files', `${relative('', targetsDirectory)}/*.json`],
    ['Logs', `${relative('', LOG_ROOT)}/*.log (of the Lambdas: ministack.log)`],
    ...Object.entries(systemEndpoints(running)).map(([name, value]) => ['AWS and ECS', `export ${name}=${value}`]),
    ['', `export AWS_REGION=${LOCAL_REGION} AWS_DEFAULT_REGION=${LOCAL_REGION}`],
    ['', `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`],
  ];
  console.log(`\n  ${bold('To look at')}`);
  let last = '';
  for (const [name = '', value = ''] of links) {
    console.log(`    ${(name === last ? '' : name).padEnd(13)} ${value}`);
    last = name;
  }
};

/** All commands: how each is typed, what it does. */
const commandList = ({ program }: LocalProgram): string[] => {
  const help = program.createHelp();
  help.prepareContext({ helpWidth: columnsOf(process.stdout) - 2 });
  const width = help.padWidth(program, help);
  return help.visibleCommands(program).map((command) => {
    return help.formatItem(help.subcommandTerm(command), width, help.subcommandDescription(command), help);
  });
};

/**
 * Until Ctrl-D at the prompt, or, where nobody can type, until the signal.
 *
 * @param interrupted hears of Ctrl-C at the prompt
 */
export const stayUp = async (system: LocalSystem, signal: AbortSignal, interrupted: () => void): Promise<void> => {
  const parts = { system: async () => system.running, print: printLine, operate };
  const commands = localProgram(parts, PROMPT.trim());
  printLinks(system);
  const isTyped = process.stdin.isTTY && process.stdout.isTTY;
  console.log(`\n  ${bold(isTyped ? 'To try, here' : 'To try, in another terminal: npm run local -- COMMAND')}`);
  for (const item of commandList(commands)) console.log(item.replaceAll(/^/gm, '  '));
  if (!isTyped) return followChanges(system, signal);
  console.log('\n  The tabulator key completes, also ids of tasks. Ctrl-D ends it all.\n');
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const following = followChanges(system, until);
  await runPrompt({ commands, tasks: () => system.plane.tasks(), signal, interrupted });
  over.abort();
  await following;
};
