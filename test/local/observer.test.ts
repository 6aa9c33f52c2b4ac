import { afterEach, describe, expect, it } from '@jest/globals';
import { type Observer, observe } from '../../infra/local/observation/observer.ts';
import type { Presence } from '../../infra/local/observation/presence.ts';
import { until } from './until.ts';

/** Answers one look after the other, and the last one from then on. */
const looks = (...answers: readonly (readonly string[] | Error)[]): Presence => {
  let next = 0;
  return async () => {
    const answer = answers[Math.min(next++, answers.length - 1)] ?? [];
    if (answer instanceof Error) throw answer;
    return new Map(answer.map((id) => [id, undefined]));
  };
};

describe('an observer', () => {
  let observer: Observer;

  afterEach(() => observer.stop());

  it('tells what vanished, and whether it could look just before', async () => {
    const heard: unknown[] = [];
    const never = looks([]);
    observer = observe(
      {
        ...{ cloudMap: never, file: never, sample: never },
        ssm: looks(['a', 'b'], ['b']),
        target: looks(['a', 'b'], new Error('not listening'), new Error('not listening'), ['b']),
      },
      (stage, taskId, blind) => heard.push([stage, taskId, blind]),
    );
    await until('both stages', async () => heard.length === 2);
    expect(heard).toEqual([
      ['ssm', 'a', false],
      ['target', 'a', true],
    ]);
    expect(observer.sighting('target', 'a')).toMatchObject({ present: false });
    expect([...observer.present('target').keys()]).toEqual(['b']);
  });
});
