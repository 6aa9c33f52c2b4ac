/** The command line: what can be typed. */
import { Argument, Command, Option } from 'commander';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import { redrive, STAGES } from './commands/redrive.ts';
import { resync } from './commands/resync.ts';
import { status } from './commands/status.ts';
import { targets } from './commands/targets.ts';
import { tasks } from './commands/tasks.ts';
import { why } from './commands/why.ts';
import type { CliParts } from './session.ts';

/** @param name of the program, as it was called */
export function createProgram(parts: CliParts, name: string): Command {
  const program = new Command(name)
    .description('Finds out what is scraped, what is not, and why.')
    .showSuggestionAfterError()
    .helpCommand(true);

  common(program.command('why'))
    .description('Says for one task what ECS, labels, tags and rules say, and where the chain ends.')
    .argument('[task]', 'id of the task, the beginning of it, or its ARN')
    .option('--cluster <name>', 'look in this cluster alone')
    .option('--record <file>', "write AWS's answers to a file, without environment values, secrets and overrides")
    .option('--from <file>', 'decide from such a file, without AWS')
    .action((task, options) => why(parts, task, options));

  common(program.command('targets'))
    .description('Lists what collectors scrape.')
    .option('--cluster <name>', 'of this cluster alone')
    .option('--service <name>', 'of this ECS service alone')
    .action((options) => targets(parts, options));

  common(program.command('tasks'))
    .description('Lists all tasks: scraped, or why not.')
    .option('--cluster <name>', 'of this cluster alone')
    .option('--service <name>', 'of this ECS service alone')
    .action((options) => tasks(parts, options));

  common(program.command('resync'))
    .description('Compares what is published with ECS now, and repairs what events missed.')
    .option('--cluster <name>', 'this cluster alone')
    .option('--service <name>', 'the tasks of this ECS service alone')
    .option('--task <id>', 'this task alone')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'also remove more targets than the removal limit allows')
    .action((options) => resync(parts, options));

  common(program.command('status'))
    .description('Shows what waits, what failed and why, what is written, and which alarms are on.')
    .action((options) => status(parts, options));

  common(program.command('redrive'))
    .description('Puts the dead letters of a stage back into its queue.')
    .addArgument(new Argument('<stage>', 'whose dead letters').choices(STAGES))
    .action((stage, options) => redrive(parts, stage, options));

  return program;
}

/** The options that every command has; those about AWS are named as in the AWS CLI. */
const common = (command: Command): Command =>
  command
    .addOption(new Option('--deployment <name>', 'name of the deployment').default(DEFAULT_DEPLOYMENT))
    .option('--region <region>', 'Region of the deployment')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--endpoint-url <url>', 'ask this instead of AWS')
    .option('--json', 'answer in JSON');
