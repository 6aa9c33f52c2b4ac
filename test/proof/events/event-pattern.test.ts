/** The matcher, by examples of the Amazon EventBridge user guide. */
import { describe, expect, it } from '@jest/globals';
import { matches } from './event-pattern.ts';

describe('an event pattern', () => {
  const event = { source: 'aws.ec2', detail: { state: 'running', version: 1, tags: ['a', 'b'], none: null } };

  it.each<[string, object, boolean]>([
    ['a value', { source: ['aws.ec2'] }, true],
    ['one of some values', { source: ['aws.ecs', 'aws.ec2'] }, true],
    ['a value that is longer', { source: ['aws.ec2x'] }, false],
    ['a value in other letters', { detail: { state: ['Running'] } }, false],
    ['a number', { detail: { version: [1] } }, true],
    ['a number as text', { detail: { version: ['1'] } }, false],
    ['null', { detail: { none: [null] } }, true],
    ['an element of a list', { detail: { tags: ['b'] } }, true],
    ['no element of a list', { detail: { tags: ['c'] } }, false],
    ['a field that is not there', { detail: { other: ['x'] } }, false],
    ['a field below a value', { source: { other: ['x'] } }, false],
    ['all fields', { source: ['aws.ec2'], detail: { state: ['running'] } }, true],
    ['not all fields', { source: ['aws.ec2'], detail: { state: ['stopped'] } }, false],
    ['one alternative', { detail: { $or: [{ state: ['stopped'] }, { version: [1] }] } }, true],
    ['no alternative', { detail: { $or: [{ state: ['stopped'] }, { version: [2] }] } }, false],
    ['an alternative, but not what stands beside it', { detail: { $or: [{ version: [1] }], state: ['x'] } }, false],
    ['a prefix', { source: [{ prefix: 'aws.' }] }, true],
    ['no such prefix', { source: [{ prefix: 'ecs' }] }, false],
  ])('of %s', (_, pattern, isMatch) => {
    expect(matches(pattern, event)).toBe(isMatch);
  });

  it('that is not known here does not seem to match', () => {
    expect(() => matches({ source: [{ suffix: '.ec2' }] }, event)).toThrow('suffix');
    expect(() => matches({ source: 'aws.ec2' }, { source: { a: 1 } })).toThrow('a pattern is an object');
  });
});
