import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { debianProgram } from '../debian/debian-program.ts';
import { run } from '../process/run.ts';
import type { Waiting } from '../process/waiting.ts';

export interface PrometheusProgram {
  readonly path: string;
  /** Such as `2.42.0+ds` or `3.5.0`. */
  readonly version: string;
  /** Folder of its pages; a build that was not unpacked here finds its own. */
  readonly assets?: string;
}

const PROMETHEUS = {
  package: 'prometheus',
  program: 'prometheus',
  needs: ['libjs-', 'fonts-'],
  elsewhere:
    'Install Prometheus 2.33 or newer and put it on the PATH: `brew install prometheus` on macOS, otherwise https://prometheus.io/download/.',
};

/** The `prometheus` that this machine has or can get. @throws MissingProgramError where there is none. */
export const prometheusProgram = async (waiting?: Waiting): Promise<PrometheusProgram> => {
  const path = await debianProgram(PROMETHEUS, waiting);
  const said = await run(path, ['--version'], { environment: process.env });
  const assets = resolve(path, '../../share/prometheus/web');
  const own = await access(resolve(assets, 'templates')).then(
    () => ({ assets }),
    () => ({}),
  );
  return { path, ...own, version: /version (\S+)/.exec(said)?.[1] ?? 'of unknown version' };
};

/** The `promtool` that comes with Prometheus. @throws MissingProgramError where there is none. */
export const promtoolProgram = (waiting?: Waiting): Promise<string> =>
  debianProgram({ ...PROMETHEUS, program: 'promtool' }, waiting);
