import { join } from 'node:path';
import { LOCAL_ROOT } from '../paths.ts';
import { run } from '../process/run.ts';
import { virtualEnvironment } from '../python/virtual-environment.ts';

/** One thing that cfn-lint found. */
export interface LintFinding {
  /** `E…`: error, `W…`: warning. */
  readonly rule: string;
  readonly message: string;
  readonly template: string;
  /** Where in the template, as in `Resources/Cluster/Properties`. */
  readonly path: string;
}

/** CDK names a role in `DependsOn` that the resource refers to anyway: true, harmless, and not ours to change. */
const REDUNDANT_DEPENDENCY = 'W3005';

const { python } = virtualEnvironment({
  name: 'cfn-lint',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  root: join(LOCAL_ROOT, 'cfn-lint'),
});

interface Match {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

/**
 * Runs cfn-lint, as of the pinned version, over CloudFormation templates; the first call on a machine installs it.
 *
 * @param templates paths of the files
 * @throws ProgramFailedError when it could not be run
 */
export const cfnLint = async (templates: readonly string[]): Promise<LintFinding[]> => {
  const options = ['--format', 'json', '--ignore-checks', REDUNDANT_DEPENDENCY, '--non-zero-exit-code', 'none'];
  // Not by its script, whose first line names the folder that the environment was made in.
  const command = [
    '-c',
    'import sys; from cfnlint.runner import main; sys.exit(main())',
    ...options,
    '--',
    ...templates,
  ];
  const printed = await run(await python(), command, { environment: process.env });
  const matches: readonly Match[] = JSON.parse(printed || '[]');
  return matches.map(({ Rule, Message, Filename, Location }) => ({
    rule: Rule.Id,
    message: Message,
    template: Filename,
    path: (Location.Path ?? []).join('/'),
  }));
};
