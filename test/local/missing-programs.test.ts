import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CollectorProgram, collectorProgram } from '../../infra/local/collector/program.ts';
import { debianProgram } from '../../infra/local/debian/debian-program.ts';
import { checkMachine } from '../../infra/local/machine.ts';
import { DEBIAN_ROOT } from '../../infra/local/paths.ts';
import { findProgram, MissingProgramError } from '../../infra/local/process/find-program.ts';
import { until } from './until.ts';

const program = (name: string): CollectorProgram => ({
  name,
  version: '1.2.3',
  prepare: () => Promise.reject(new Error('not to be started')),
});
const missing = () => Promise.reject(new MissingProgramError('There is no prometheus on the PATH. Install it.'));

describe('on a machine where a program is missing', () => {
  const path = process.env['PATH'];
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'no-programs-'));
  });

  afterEach(async () => {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true });
  });

  it('the collector is the real one when it can be built, and nothing is said', async () => {
    const said: string[] = [];
    const real = async () => program('OpenTelemetry Collector');
    const chosen = await collectorProgram((line) => said.push(line), { real, standIn: missing });
    expect([chosen.name, said]).toEqual(['OpenTelemetry Collector', []]);
  });

  it('the collector is its stand-in when the build fails, and one line says why', async () => {
    const said: string[] = [];
    const broken = () => Promise.reject(new Error('`go build` failed:\nno space left on device'));
    const chosen = await collectorProgram((line) => said.push(line), {
      real: broken,
      standIn: async () => program('Prometheus agent'),
    });
    expect(chosen.name).toBe('Prometheus agent');
    expect(said).toEqual([
      'In the place of the OpenTelemetry Collector: Prometheus agent 1.2.3, because `go build` failed: no space left on device. Install Go 1.26 or newer (https://go.dev/dl/) for the real one.',
    ]);
  });

  it('one is told what to install when neither can run', async () => {
    process.env['PATH'] = folder;
    const broken = () => Promise.reject(new Error('spawn go ENOENT'));
    const chosen = collectorProgram(() => {}, { real: broken, standIn: missing });
    await expect(chosen).rejects.toThrow(MissingProgramError);
    await expect(chosen).rejects.toThrow(
      'No collector can run here: there is no Go on the PATH. Install Go 1.26 or newer (https://go.dev/dl/) for the real one. Nor its stand-in: There is no prometheus on the PATH. Install it.',
    );
  });

  it('one is told where to get it when this is no Debian', async () => {
    process.env['PATH'] = folder;
    const wanted = { package: 'no-such-package', program: 'no-such-program', elsewhere: 'Get it from example.org.' };
    await expect(debianProgram(wanted)).rejects.toThrow(
      'There is no no-such-program on the PATH, and this is no Debian or Ubuntu, whose package could be unpacked. Get it from example.org.',
    );
  });

  it.each([
    ['there is none', undefined, 'there is no python3 on the PATH'],
    ['it is too old', 'echo 3.8.10', 'python3 is 3.8.10'],
    ['it has no venv', 'exit 1', 'python3 has no venv'],
  ])('one is told how to get Python where %s', async (_, script, words) => {
    process.env['PATH'] = folder;
    if (script !== undefined) await writeFile(join(folder, 'python3'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const checked = checkMachine();
    await expect(checked).rejects.toThrow(MissingProgramError);
    await expect(checked).rejects.toThrow(words);
    await expect(checked).rejects.toThrow('`apt-get install python3 python3-venv`');
  });

  it('a build that is ended on purpose has no stand-in', async () => {
    const real = () => Promise.reject(new Error('`go build` failed: terminated'));
    const standIn = () => Promise.reject(new Error('not to be asked'));
    const chosen = collectorProgram(() => {}, { real, standIn, signal: AbortSignal.abort() });
    await expect(chosen).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('a download that is ended on purpose is not tried in another way', async () => {
    const asked = join(folder, 'asked');
    await writeFile(join(folder, 'apt-get'), `#!/bin/sh\necho "$@" >> ${asked}\nexec sleep 20\n`, { mode: 0o755 });
    await writeFile(join(folder, 'dpkg-deb'), '#!/bin/sh\n', { mode: 0o755 });
    process.env['PATH'] = `${folder}:${path}`;
    const stopping = new AbortController();
    const said: string[] = [];
    const wanted = { package: 'no-such-package', program: 'no-such-program', elsewhere: '' };
    const waiting = { report: (line: string) => said.push(line), signal: stopping.signal };
    const fetched = debianProgram(wanted, waiting);
    const outcome = expect(fetched).rejects.toMatchObject({ name: 'AbortError' });
    await until('the download', () => readFile(asked, 'utf8').catch(() => undefined));
    stopping.abort();
    await outcome;
    expect((await readFile(asked, 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(said).toEqual([expect.stringMatching(/^Fetching Debian's no-such-package: /)]);
  });

  it('a package that was unpacked by halves is unpacked again', async () => {
    const wanted = { package: 'damaged-package', program: 'damaged-program', elsewhere: '' };
    const place = join(DEBIAN_ROOT, wanted.package);
    const script = '#!/bin/sh\necho 1.2.3\n';
    // What APT and dpkg are asked for, without a network: an archive, what it depends on, its one program.
    await writeFile(join(folder, 'apt-get'), '#!/bin/sh\ntouch damaged-package_1_all.deb\n', { mode: 0o755 });
    const unpacked = `mkdir -p "$3/usr/bin"; printf '${script}' > "$3/usr/bin/damaged-program"; chmod +x "$3/usr/bin/damaged-program"`;
    const dpkg = `#!/bin/sh\n[ "$1" = -f ] && exit 0\n${unpacked}\n`;
    await writeFile(join(folder, 'dpkg-deb'), dpkg, { mode: 0o755 });
    process.env['PATH'] = `${folder}:${path}`;
    try {
      await mkdir(join(place, 'usr/bin'), { recursive: true });
      await writeFile(join(place, 'usr/bin/damaged-program'), '', { mode: 0o644 });
      await mkdir(`${place}.0123abcd.archives`, { recursive: true });
      expect(await readFile(await debianProgram(wanted), 'utf8')).toBe(script);
      expect((await readdir(DEBIAN_ROOT)).filter((name) => name.startsWith(wanted.package))).toEqual([wanted.package]);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });

  it('one that is on the PATH under another name of it is taken', async () => {
    const wanted = { package: 'no-such-package', program: 'no-such-program', alsoCalled: ['sh'], elsewhere: '' };
    expect(await debianProgram(wanted)).toBe(await findProgram('sh'));
    expect(await findProgram('no-such-program')).toBeUndefined();
  });
});
