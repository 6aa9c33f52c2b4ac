/** Messages that are no task events, or broken ones. */
import type { Random } from './random.ts';

/** @param serial no two messages of one history are alike */
export function poisonLike(event: string, random: Random, serial: number): string {
  const parsed = JSON.parse(event) as { detail: { version: number } };
  const { detail } = parsed;
  const kinds = [
    '{"half": ',
    '[]',
    JSON.stringify({ ...parsed, source: 'aws.ec2' }),
    JSON.stringify({ ...parsed, detail: { ...detail, taskArn: 'nonsense' } }),
    JSON.stringify({ ...parsed, detail: { ...detail, version: String(detail.version) } }),
  ];
  return `${kinds[random.int(0, kinds.length - 1)]}${' '.repeat(serial)}`;
}
