/** ECS is eventually consistent: what it does not show yet, though it was seen elsewhere. */

/**
 * How long ECS may not know a task that runs, or list it late, in seconds: AWS names up to five minutes (Amazon ECS API
 * reference, "eventual consistency").
 */
export const ECS_LAG_SECONDS = 5 * 60;

/** The task has to be looked at again. */
export class NotYetVisible extends Error {
  override readonly name = 'NotYetVisible';
}

/** ECS shows an older version of a task than was seen. */
export class OlderVersion extends Error {
  override readonly name = 'OlderVersion';
}

export const notKnownYet = (): NotYetVisible => new NotYetVisible('ECS does not know the task yet');

export const beforeItRan = (): NotYetVisible => new NotYetVisible('ECS shows the task before it ran');

export const olderVersion = (): OlderVersion => new OlderVersion('ECS shows an older version of the task');
