/**
 * Measures the process of the image at 10,000 targets, against a fake AWS on this machine: its resident memory over 2,000
 * changes, and its CPU time while nothing happens. Run by hand: node test/containers/target-sync/bench.ts [node flags]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { toSeconds } from '../../../functions/discovery/change/change.ts';
import { encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import { buildBundles } from '../../../infra/build/build-bundles.ts';
import { imageFolder } from '../../../infra/build/image-contexts.ts';
import { startFakeAws } from './fake-aws.ts';
import { FLAGS } from './flags.ts';
import { announcing, shardWith, stop, taskId, upsert } from './statements.ts';

const SHARDS = 125;
const TASKS = 10_000;
const CHANGES = 2000;
const IDLE_SECONDS = Number(process.env['IDLE_SECONDS'] ?? 60);

const pause = (milliseconds: number) => new Promise((elapsed) => setTimeout(elapsed, milliseconds));

await buildBundles();
const aws = await startFakeAws();
const port = await getPort();
const volume = await mkdtemp(join(tmpdir(), 'target-sync-bench-'));
const now = () => toSeconds(Date.now());

const byShard = Map.groupBy(Array(TASKS).keys(), (number) => shardOfTask(taskId(number), SHARDS));
for (const shard of Array(SHARDS).keys()) {
  const changes = (byShard.get(shard) ?? []).map((number) => upsert(number, 7, now()));
  aws.put(`/discovery/prod/targets/${shard}`, String(encodeShard({ base: 0, shard: shardWith(...changes) }, 8192)));
}

const flags = process.argv.length > 2 ? process.argv.slice(2).filter((flag) => flag !== 'none') : FLAGS;
const child = spawn(process.execPath, [...flags, join(imageFolder('target-sync'), 'target-sync.cjs')], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    DISCOVERY_DEPLOYMENT: 'discovery',
    DISCOVERY_CLUSTERS: 'prod',
    DISCOVERY_SHARDS: String(SHARDS),
    TARGET_SYNC_QUEUE_URL: aws.queueUrl,
    TARGET_SYNC_DIRECTORY: volume,
    TARGET_SYNC_HEALTH_PORT: String(port),
  },
});

/** Resident memory in MB, now and at most. */
async function memory(): Promise<string> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const of = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 100) / 10;
  return `${of('VmRSS')} MB, at most ${of('VmHWM')} MB`;
}

/** Seconds of CPU; the kernel counts hundredths. */
async function cpu(): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Asks for all that is served, as a Prometheus does that has no other discovery. */
async function ask(): Promise<void> {
  const asked = await cpu();
  for (let round = 0; round < 20; round += 1) {
    for (const path of ['targets', 'metrics', 'status']) await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
  }
  const each = Math.round((((await cpu()) - asked) / 20) * 1000);
  process.stdout.write(`/targets, /metrics and /status, 20 times: ${await memory()}, ${each} ms of CPU each time\n`);
}

const hasAll = async () =>
  (await readFile(join(volume, 'file_sd', `prod-${SHARDS - 1}.json`), 'utf8').catch(() => '')).length > 0;

const began = performance.now();
while (!(await hasAll())) await pause(50);
await pause(3000);
process.stdout.write(
  `loaded: ${await memory()}, ${await cpu()} s of CPU, ${Math.round(performance.now() - began)} ms\n`,
);

const idle = await cpu();
await pause(IDLE_SECONDS * 1000);
const used = Math.round(((await cpu()) - idle) * 100) / 100;
process.stdout.write(`idle, young: ${await memory()}, ${used} s of CPU in ${IDLE_SECONDS} s\n`);

const busy = await cpu();
const start = performance.now();
for (let change = 0; change < CHANGES; change += 1) {
  const isStop = change % 2 === 0;
  aws.send(announcing([isStop ? stop(change, 9, now()) : upsert(TASKS + change, 7, now())]));
  while (aws.waiting() > 5) await pause(2);
  if (change % 500 === 499) process.stdout.write(`${change + 1} changes: ${await memory()}\n`);
}
while (aws.waiting() > 0) await pause(2);
const each = Math.round((((await cpu()) - busy) / CHANGES) * 100_000) / 100;
process.stdout.write(`${each} ms of CPU a change, ${Math.round((performance.now() - start) / CHANGES)} ms each\n`);

const burst = performance.now();
const busier = await cpu();
for (let first = 4000; first < 9000; first += 100) {
  aws.send(announcing(Array.from({ length: 100 }, (_, it) => stop(first + it, 9, now()))));
  aws.send(announcing(Array.from({ length: 100 }, (_, it) => upsert(20_000 + first + it, 7, now()))));
}
while (aws.waiting() > 0) await pause(5);
process.stdout.write(
  `10,000 changes at once: ${Math.round(performance.now() - burst)} ms, ${Math.round(((await cpu()) - busier) * 10) / 10} s of CPU\n`,
);
await pause(5000);
process.stdout.write(`after it: ${await memory()}\n`);
await ask();

for (let first = 0; first < TASKS; first += 100) {
  aws.send(announcing(Array.from({ length: 100 }, (_, it) => upsert(30_000 + first + it, 7, now()))));
}
while (aws.waiting() > 0) await pause(5);
await pause(5000);
process.stdout.write(`with 10,000 targets more, which no configuration holds yet: ${await memory()}\n`);
await ask();

child.kill('SIGTERM');
await once(child, 'exit');
await aws.stop();
await rm(volume, { recursive: true, force: true });
