import { run } from '../process/run.ts';
import { debianProgram } from './debian-program.ts';

export interface PrometheusProgram {
  readonly path: string;
  /** Such as `2.42.0+ds` or `3.5.0`. */
  readonly version: string;
}

/** The `prometheus` that this machine has or can get. @throws MissingProgramError where there is none. */
export const prometheusProgram = async (): Promise<PrometheusProgram> => {
  const path = await debianProgram({
    package: 'prometheus',
    program: 'prometheus',
    elsewhere:
      'Install Prometheus 2.33 or newer and put it on the PATH: `brew install prometheus` on macOS, otherwise https://prometheus.io/download/.',
  });
  const said = await run(path, ['--version'], { environment: process.env });
  return { path, version: /version (\S+)/.exec(said)?.[1] ?? 'of unknown version' };
};
