/** Values that are each valid but do not go together, in the settings of the app and in the properties of constructs alike. */
import { InstanceArchitecture, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { FARGATE_MEMORY } from './shapes.ts';

/** Whether it is broken, and the sentence that says so. */
export type Rule = readonly [boolean, string];

/** The sentences of the rules that are broken. */
export const broken = (rules: readonly Rule[]): string[] =>
  rules.filter(([isBroken]) => isBroken).map(([, sentence]) => sentence);

export const sharing = ({ collectors, shards }: { readonly collectors: number; readonly shards: number }): Rule => [
  collectors > shards,
  `collectors is ${collectors}, but each cluster has only ${shards} shards to split between them: raise shards`,
];

/** @param names of the two properties */
export function instanceNumbers(
  [least, most]: readonly [least: number, most: number],
  [leastName, mostName]: readonly [string, string],
): Rule {
  return [most < least, `${mostName} is ${most}, less than ${leastName}, which is ${least}`];
}

/** @param memoryName name of the property */
export function fargateSize(cpu: number, memory: number, memoryName: string): Rule {
  const fits = FARGATE_MEMORY.get(cpu);
  const known =
    fits !== undefined && memory >= fits.from && memory <= fits.to && (memory - fits.from) % fits.step === 0;
  return [
    !known,
    `Fargate has no ${memory} MiB with ${cpu} CPU units: ${memoryName} may be ${fits?.from} to ${fits?.to} in steps of ${fits?.step}`,
  ];
}

export const architectureOf = (instanceType: string): 'ARM64' | 'X86_64' =>
  new InstanceType(instanceType).architecture === InstanceArchitecture.ARM_64 ? 'ARM64' : 'X86_64';
