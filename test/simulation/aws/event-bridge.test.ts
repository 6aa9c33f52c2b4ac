import { describe, expect, it } from '@jest/globals';
import { SimulatedEventBridge } from './event-bridge.ts';
import { manualWorld } from './manual-world.ts';
import { SimulatedQueue } from './sqs-queue.ts';

const RUNNING = { cluster: 'prod', lastStatus: 'RUNNING', desiredStatus: 'RUNNING' };
const PENDING = { ...RUNNING, lastStatus: 'PENDING' };

function setUp() {
  const world = manualWorld();
  const queue = new SimulatedQueue('runs', world.around, world.random, world.faults, { visibilityTimeout: 30_000 });
  const bridge = new SimulatedEventBridge(world.around, world.random, world.faults, { least: 10, most: 20 });
  bridge.rules.push({ matches: ({ lastStatus }) => lastStatus === 'RUNNING', queue });
  return { world, queue, bridge };
}

describe('a rule', () => {
  it('delivers what it matches', () => {
    const { world, queue, bridge } = setUp();
    bridge.put(RUNNING, () => 'a');
    bridge.put(PENDING, () => 'b');
    world.pass(20);
    expect(queue.receive(10).map(({ body }) => body)).toEqual(['a']);
  });

  it('may deliver twice, late or never, and says what it lost', () => {
    const { world, queue, bridge } = setUp();
    world.fault = { duplicated: 100, late: 100 };
    bridge.put(RUNNING, () => 'a');
    world.pass(20);
    expect([queue.size, bridge.underWay]).toEqual([0, 2]);
    world.pass(3 * 60 * 60 * 1000);
    expect([queue.size, bridge.underWay]).toEqual([2, 0]);
    const lost: string[] = [];
    bridge.onLoss = (body) => lost.push(body);
    world.fault = { lost: 100 };
    bridge.put(RUNNING, () => 'b');
    expect([lost, bridge.underWay]).toEqual([['b'], 0]);
  });

  it('goes on trying while its queue is down', () => {
    const { world, queue, bridge } = setUp();
    queue.isDown = true;
    bridge.put(RUNNING, () => 'a');
    world.pass(60 * 60 * 1000);
    expect([queue.size, bridge.underWay]).toEqual([0, 1]);
    queue.isDown = false;
    world.pass(10 * 60 * 1000);
    expect(queue.size).toBe(1);
  });
});
