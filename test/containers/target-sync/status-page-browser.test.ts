/** What a person sees of a real target-sync in a real browser. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { toSeconds } from '../../../functions/discovery/change/change.ts';
import { encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import { LOCAL_ROOT } from '../../../infra/local/paths.ts';
import { startChromium } from '../../browser/chromium.ts';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { inFolder } from './fixtures.ts';
import { startTargetSync, until } from './process.ts';
import { announcing, shardWith, stop, taskId, upsert } from './statements.ts';

// The first time, the browser is downloaded.
jest.setTimeout(300_000);

/** Milliseconds that the browser may take for anything, on a machine that has other things to do. */
const PATIENCE = 60_000;

/** For a person who wants to see what the test saw. */
const SCREENSHOTS = join(LOCAL_ROOT, 'screenshots');

/** As long as names get in earnest. */
const LONG_CLUSTER = 'platform-production-eu-central-1-blue-capacity-providers';
const LONG_SERVICE = 'checkout-and-payment-orchestrator-production-service-v2-canary';

let browser: Browser;
let aws: FakeAws;

beforeAll(async () => {
  [browser, aws] = await Promise.all([startChromium(), startFakeAws()]);
});
afterAll(() => Promise.all([browser?.close(), aws?.stop()]));

const runs = (cluster: string, number: number, service: string) => {
  const change = upsert(number, 1, toSeconds(Date.now()));
  return { ...change, targets: { ...change.targets, labels: { cluster, service } } };
};

const put = (cluster: string, ...changes: ReturnType<typeof runs>[]) =>
  aws.put(`/discovery/${cluster}/targets/0`, String(encodeShard({ base: 0, shard: shardWith(...changes) }, 4096)));

/** Starts target-sync, with tasks that it knows and changes that it hears of, and gives the URL of its page. */
const withTargetSync = (action: (url: string) => Promise<void>): Promise<void> =>
  inFolder(async (volume) => {
    put('prod', runs('prod', 1, 'web'), runs('prod', 2, 'web'), runs('prod', 3, 'checkout'));
    put(LONG_CLUSTER, runs(LONG_CLUSTER, 4, LONG_SERVICE));
    const process = startTargetSync({
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
      DISCOVERY_DEPLOYMENT: 'discovery',
      DISCOVERY_CLUSTERS: `prod,${LONG_CLUSTER}`,
      DISCOVERY_SHARDS: '1',
      TARGET_SYNC_QUEUE_URL: aws.queueUrl,
      TARGET_SYNC_DIRECTORY: volume,
    });
    const { healthPort } = await process.logged('target-sync started');
    try {
      await action(`http://127.0.0.1:${healthPort}/status`);
    } finally {
      await process.end('SIGTERM');
    }
  });

/** In the browser: what stands in several lines of a cell though it is one word, or a few short ones. */
const BROKEN_WORDS = `[...document.querySelectorAll('td span')].flatMap((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const lines = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom)));
  return /^[\\w\\u00a0]{1,32}$/.test(cell.textContent) && lines.size > 1 ? [cell.textContent] : [];
})`;

/** The cells that a person sees of the table below a heading, row by row. */
const rowsBelow = async (page: Page, heading: string): Promise<string[][]> => {
  const table = page.locator(`h2:text-is("${heading}") + table`);
  const rows = await table.locator('tbody tr').all();
  return Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
};

/**
 * A tab, and how to load the page in it. That the page loads itself again every ten seconds, also while a test reads it, is
 * answered with "no content", at which a browser keeps what it shows.
 */
async function openTab(url: string) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(PATIENCE);
  let isWanted = false;
  await page.route(url, (route) => {
    const answer = isWanted ? route.continue() : route.fulfill({ status: 204 });
    isWanted = false;
    return answer;
  });
  const untilShown = (words: string): Promise<true> =>
    until(`"${words}" on the page`, async () => {
      isWanted = true;
      await page.goto(url);
      return (await page.getByText(words).first().isVisible()) || undefined;
    });
  return { page, untilShown };
}

describe('the status page', () => {
  it('shows targets, the last changes and open problems, and no accident of layout', () =>
    withTargetSync(async (url) => {
      const { page, untilShown } = await openTab(url);
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));

      await untilShown('It works.');
      expect(await page.title()).toBe('ok – target-sync of discovery');
      expect(await page.locator('h2:text-is("Open problems") + p').allInnerTexts()).toEqual(['None.']);
      expect(await rowsBelow(page, 'Services')).toEqual([
        ['checkout', 'prod', '1', '1'],
        ['web', 'prod', '2', '2'],
        [LONG_SERVICE, LONG_CLUSTER, '1', '1'],
      ]);

      aws.send(announcing([runs('prod', 5, 'web')]));
      await untilShown(taskId(5));
      aws.send(announcing([{ ...stop(1, 9, toSeconds(Date.now())), service: 'web' }]));
      await untilShown(taskId(1));
      const changes = await rowsBelow(page, 'Last changes');
      expect(changes.map((row) => row.slice(1))).toEqual([
        ['stopped', 'web', 'prod', taskId(1)],
        ['runs', 'web', 'prod', taskId(5)],
      ]);
      const targets = await rowsBelow(page, 'Targets');
      expect(targets.map((row) => row.slice(0, 4))).toEqual([
        ['prod', '3', '3', '1'],
        [LONG_CLUSTER, '1', '1', '1'],
      ]);

      aws.faults.set('ReceiveMessage', { status: 400, code: 'AccessDeniedException' });
      aws.send(announcing([runs(LONG_CLUSTER, 6, LONG_SERVICE)], { cluster: LONG_CLUSTER }));
      await untilShown('It works, with 1 open problem.');
      expect(await page.title()).toBe('1 problem – target-sync of discovery');
      expect((await rowsBelow(page, 'Open problems')).map((row) => row.slice(1))).toEqual([
        ['queue', expect.stringContaining('let the task role read the shard parameters and use the queue')],
      ]);

      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1280, 400]) {
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({ path: join(SCREENSHOTS, `status-${colorScheme}-${width}.png`), fullPage: true });
          const widest = await page.evaluate<number>('document.documentElement.scrollWidth');
          expect({ width, widest }).toEqual({ width, widest: width });
          expect(await page.evaluate<string[]>(BROKEN_WORDS)).toEqual([]);
        }
        const [text, back] = await page.evaluate<[string, string]>(
          '(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))',
        );
        expect([colorScheme, isBright(back), isBright(text)]).toEqual([
          colorScheme,
          colorScheme === 'light',
          colorScheme === 'dark',
        ]);
      }
      expect(complaints).toEqual([]);

      // Its links lead somewhere.
      for (const path of ['/targets', '/metrics']) {
        const link = page.getByRole('link', { name: path, exact: true }).last();
        const answer = await page.request.get(new URL((await link.getAttribute('href')) ?? '', url).href);
        expect([path, answer.status()]).toEqual([path, 200]);
      }
    }));
});

/** Whether a colour such as `rgb(15, 19, 24)` is nearer to white than to black. */
function isBright(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
  return red + green + blue > (3 * 255) / 2;
}
