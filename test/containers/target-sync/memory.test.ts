import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { releaseMemory } from '../../../containers/target-sync/operator/memory.ts';

const MB = 1_000_000;
const original = globalThis.gc;

afterEach(() => {
  jest.restoreAllMocks();
  Object.assign(globalThis, { gc: original });
});

/** How often memory was collected when the process had so much, in MB. */
function collections(...usages: readonly { heap: number; buffers: number }[]): number {
  let count = 0;
  let used = usages[0] ?? { heap: 0, buffers: 0 };
  globalThis.gc = (() => {
    count += 1;
    used = { ...used, buffers: 0 };
  }) as typeof globalThis.gc;
  jest.spyOn(process, 'memoryUsage').mockImplementation((() => ({
    heapUsed: used.heap * MB,
    arrayBuffers: used.buffers * MB,
  })) as never);
  for (const usage of usages) {
    used = usage;
    releaseMemory();
  }
  return count;
}

describe('memory', () => {
  it('is collected when buffers have gathered', () => {
    expect(collections({ heap: 7, buffers: 1 }, { heap: 7, buffers: 1.4 })).toBe(0);
    expect(collections({ heap: 7, buffers: 1.5 }, { heap: 7, buffers: 1 }, { heap: 7, buffers: 2 })).toBe(2);
  });

  it('is collected when the heap has grown since it was collected', () => {
    expect(
      collections(
        { heap: 20, buffers: 2 },
        { heap: 27, buffers: 0 },
        { heap: 28, buffers: 0 },
        { heap: 29, buffers: 0 },
      ),
    ).toBe(2);
  });

  it('is left alone where Node was not told to let us', () => {
    Object.assign(globalThis, { gc: undefined });
    expect(releaseMemory()).toBeUndefined();
  });
});
