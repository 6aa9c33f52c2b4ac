/** Messages that are no task events, or broken ones. */
import type { Random } from './random.ts';

/** @param serial no two messages of one history are alike */
export function poisonLike(event: string, random: Random, serial: number): string {
  const kinds = [
    '{"half": ',
    '[]',
    JSON.stringify({ ...JSON.parse(event), source: 'aws.ec2' }),
    event.replace(/"taskArn":"[^"]*"/, '"taskArn":"nonsense"'),
    event.replace(/"version":(\d+)}/, '"version":"$1"}'),
  ];
  return `${kinds[random.int(0, kinds.length - 1)]}${' '.repeat(serial)}`;
}
