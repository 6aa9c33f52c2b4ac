import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { debianFolder, debianProgram } from '../../infra/local/debian/debian-program.ts';
import { exists } from '../../infra/local/process/make-once.ts';

/** The headless Chromium: without windows, half of the whole one. */
const CHROMIUM = {
  package: 'chromium-headless-shell',
  program: 'chromium-headless-shell',
  folder: 'usr/lib/chromium',
  alsoCalled: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  needs: 'what this machine lacks',
  // It runs only with the libraries that were unpacked with it.
  isWhole: exists,
  elsewhere: 'Install Chromium or Chrome and put it on the PATH.',
} as const;

/** What a browser needs to know to find the libraries and fonts that were unpacked with it. */
const unpackedEnvironment = async (folder: string): Promise<Record<string, string>> => {
  // Packages of Debian 12 still put libraries into both.
  const names = await readdir(folder, { recursive: true });
  const libraries = names.filter((name) => /^(usr\/)?lib\/[^/]+-linux-gnu[^/]*(\/pulseaudio)?$/.test(name));
  return {
    LD_LIBRARY_PATH: libraries.map((name) => join(folder, name)).join(':'),
    ...(names.includes('etc/fonts') && {
      FONTCONFIG_PATH: join(folder, 'etc/fonts'),
      XDG_DATA_HOME: join(folder, 'usr/share'),
    }),
  };
};

/**
 * Starts the Chromium of this machine, or Debian's, which is fetched the first time: 100 MB.
 *
 * @throws MissingProgramError where there is none and none can be fetched.
 */
export const startChromium = async (): Promise<Browser> => {
  const executablePath = await debianProgram(CHROMIUM);
  const folder = debianFolder(CHROMIUM.package);
  const own = executablePath.startsWith(folder) ? await unpackedEnvironment(folder) : {};
  return chromium.launch({ executablePath, env: { ...process.env, ...own }, timeout: 120_000 });
};
