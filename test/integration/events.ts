/** Events as ECS sends them, of tasks that a test makes up. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../infra/local/loopback.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';

export type Json = Record<string, unknown>;

export interface Event extends Json {
  readonly time: string;
  readonly detail: Json;
}

/** An event of test/fixtures/events, as if it had happened in the emulated account, and now. */
export const fixture = (path: string, change: (detail: Json) => Json = (detail) => detail): Event => {
  const text = readFileSync(join(PROJECT_ROOT, 'test/fixtures/events', path), 'utf8')
    .replaceAll('eu-west-2:111122223333', `${LOCAL_REGION}:${LOCAL_ACCOUNT}`)
    .replaceAll('us-east-1:111122223333', `${LOCAL_REGION}:${LOCAL_ACCOUNT}`);
  const event = JSON.parse(text) as Event;
  const place = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };
  return { ...event, ...place, time: new Date().toISOString(), detail: change(event.detail) };
};

export const stopped = (event: Event, change: Json = {}): Event => ({
  ...event,
  detail: {
    ...event.detail,
    desiredStatus: 'STOPPED',
    stoppingAt: new Date().toISOString(),
    version: Number(event.detail['version']) + 1,
    ...change,
  },
});

export const taskId = ({ detail }: Event): string => String(detail['taskArn']).split('/').at(-1) ?? '';

/** The same task under another id. */
export const twin = (event: Event, id: string): Event =>
  JSON.parse(JSON.stringify(event).replaceAll(taskId(event), id)) as Event;

/** The same task elsewhere: each `[what, by]` is replaced wherever it stands. */
export const replaced = (event: Event, ...pairs: readonly (readonly [string, string])[]): Event =>
  JSON.parse(pairs.reduce((text, [what, by]) => text.replaceAll(what, by), JSON.stringify(event))) as Event;
