/** `npx ecs-prometheus-discovery`: what an operator asks a deployment. */
import { CommanderError } from 'commander';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { accountClients } from './account/account-clients.ts';
import { explainError } from './account/explain-error.ts';
import { createProgram } from './program.ts';
import { systemTerminal } from './terminal/system-terminal.ts';

const NAME = 'ecs-prometheus-discovery';

// The SDK reads AWS_REGION alone, the AWS CLI both.
process.env['AWS_REGION'] ||= process.env['AWS_DEFAULT_REGION'] ?? '';
if (process.env['AWS_REGION'] === '') delete process.env['AWS_REGION'];

const terminal = systemTerminal();
const program = createProgram({ connect: accountClients, terminal, clock: systemClock }, NAME).exitOverride();
for (const command of program.commands) command.exitOverride();

async function run(): Promise<void> {
  try {
    await program.parseAsync();
    terminal.done();
  } catch (error) {
    terminal.done();
    process.exitCode = exitCodeOf(error);
  }
}

/** Says what went wrong; what was typed wrong, commander has said already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, advice } = explainError(error);
  terminal.printError(message);
  if (advice !== undefined) terminal.printError(advice);
  return 1;
}

void run();
