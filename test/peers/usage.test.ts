import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { meterUsage } from './usage.ts';

/** Two processes: the second one works until its input ends. */
const WORK = `
const { spawn } = require('node:child_process');
const child = spawn(process.execPath, ['-e', 'process.stdin.on("end", () => process.exit()).resume(); (function work() { for (let i = 0; i < 1e7; i++); setImmediate(work); })(); console.log("works")'], { stdio: 'inherit' });
child.on('exit', () => process.exit());
`;

it('adds up a process and its children, or those of one program', async () => {
  const parent = spawn(process.execPath, ['-e', WORK], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(parent.stdout, 'data');
  const root = () => parent.pid ?? 0;
  const all = await meterUsage({ root });
  const node = await meterUsage({ root, program: 'node' });
  const none = await meterUsage({ root, program: 'python3' });
  while (all.usage().cpuSeconds < 0.2) await new Promise((resolve) => setTimeout(resolve, 50));
  parent.stdin.end();
  await once(parent, 'exit');
  await Promise.all([all.stop(), node.stop(), none.stop()]);
  expect(all.usage().peakMiB).toBeGreaterThan(20);
  expect(node.usage().peakMiB).toBeGreaterThan(20);
  expect(none.usage()).toEqual({ cpuSeconds: 0, peakMiB: 0 });
});
