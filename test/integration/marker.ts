/** How a test knows that what was sent before has gone all the way: something that is sent after it has. */
import type { DeployedDiscovery } from './deployed-discovery.ts';
import { fixture, replaced, twin } from './events.ts';

/** A cluster that a deployment has to watch for this; its task definition is `orders:1`, as that of most tasks here. */
export const MARKED = 'marked';

let sent = 0;

/** Sends a task of its own after everything else, and waits until it is in the target configuration. */
export async function untilStored({ ecs, send, untilObserved, untilPublished }: DeployedDiscovery): Promise<void> {
  await untilObserved();
  sent += 1;
  const address = `10.1.${sent >> 8}.${sent & 255}`;
  const all = Array.from({ length: sent }, (_, index) => `10.1.${(index + 1) >> 8}.${(index + 1) & 255}:8080`);
  const event = twin(fixture('real/fargate-running.json'), sent.toString(16).padStart(32, 'f'));
  const marker = replaced(
    event,
    ['dev-public', MARKED],
    ['10.249.47.254', address],
    ['service:orders', 'family:orders'],
  );
  ecs.show(marker.detail);
  await send(marker);
  await untilPublished(MARKED, ...all);
}
