/** What CloudFormation does when the stacks of one set of settings are deployed over those of another, and what it refuses. */
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { fixedName, type Resource } from '../../../infra/release/contract/fixed-names.ts';
import { exportsOf, importsOf, referencesIn, resourcesOf, type Stacks, type Template } from './template.ts';

export interface Change {
  readonly what: 'adds' | 'replaces' | 'removes' | 'leaves behind';
  readonly type: string;
}

export interface Update {
  /** Resources that are not only changed in place. */
  readonly changes: readonly Change[];
  /** Why the deployment fails, or is not what the settings say; none: it can be deployed as it is. */
  readonly dangers: readonly string[];
}

const IMPACTS: Partial<Record<ResourceImpact, Change['what']>> = {
  [ResourceImpact.WILL_CREATE]: 'adds',
  [ResourceImpact.WILL_REPLACE]: 'replaces',
  [ResourceImpact.WILL_DESTROY]: 'removes',
  [ResourceImpact.WILL_ORPHAN]: 'leaves behind',
};

/** Deploys the stacks in their order; each sees the others as they are at that moment. */
export function update(before: Stacks, after: Stacks): Update {
  const deployed = new Map(before);
  const changes: Change[] = [];
  const dangers: string[] = [];
  for (const [name, next] of after) {
    const impacts = impactsOf(deployed.get(name) ?? {}, next);
    changes.push(...impacts.values());
    dangers.push(...namesTaken(deployed, name, next, impacts), ...exportsInUse(deployed, name, next, impacts));
    dangers.push(...tiersLowered(deployed.get(name) ?? {}, next));
    deployed.set(name, next);
  }
  for (const name of before.keys()) {
    if (!after.has(name)) dangers.push(`CDK forgets stack \`${name}\`, which stays as it is`);
  }
  return { changes, dangers: [...new Set(dangers)] };
}

/** The stacks without some; only stacks that nothing imports from can go. */
export function destroy(before: Stacks, names: readonly string[]): { deployed: Stacks; dangers: string[] } {
  const deployed = new Map([...before].filter(([name]) => !names.includes(name)));
  const gone = names.flatMap((name) => [...exportsOf(before.get(name) ?? {}).keys()]);
  const dangers = [...deployed].flatMap(([name, template]) =>
    gone.filter((one) => importsOf(template).has(one)).map((one) => `${name} imports ${one}`),
  );
  return { deployed, dangers };
}

/** What becomes of resources, by their logical ids; those that stay or change in place are not there. */
function impactsOf(before: Template, after: Template): ReadonlyMap<string, Change> {
  const impacts = new Map<string, Change>();
  if (JSON.stringify(before) === JSON.stringify(after)) return impacts;
  fullDiff({ ...before }, { ...after }).resources.forEachDifference((id, { changeImpact, resourceType = '' }) => {
    const what = IMPACTS[changeImpact];
    if (what !== undefined) impacts.set(id, { what, type: resourceType });
  });
  return impacts;
}

function namesTaken(
  deployed: Stacks,
  stackName: string,
  next: Template,
  impacts: ReadonlyMap<string, Change>,
): string[] {
  const taken = [...deployed].flatMap(([name, template]) =>
    resourcesOf(template).map(([id, one]) => ({ stackName: name, id, fixed: fixedName(one, name) })),
  );
  return resourcesOf(next).flatMap(([id, one]) => {
    const fixed = fixedName(one, stackName);
    const what = impacts.get(id)?.what;
    if (fixed === undefined || (what !== 'adds' && what !== 'replaces')) return [];
    const same = taken.some((other) =>
      other.stackName === stackName && other.id === id
        ? other.fixed?.name === fixed.name
        : other.fixed?.identity === fixed.identity,
    );
    return same ? [`${nounOf(one)} \`${fixed.name}\` cannot be made while it exists`] : [];
  });
}

/** CloudFormation does not change or remove what another stack imports. */
function exportsInUse(
  deployed: Stacks,
  stackName: string,
  next: Template,
  impacts: ReadonlyMap<string, Change>,
): string[] {
  const after = exportsOf(next);
  return [...exportsOf(deployed.get(stackName) ?? {})].flatMap(([name, value]) => {
    const changed =
      JSON.stringify(after.get(name)) !== JSON.stringify(value) ||
      [...referencesIn(value)].some((id) => impacts.get(id)?.what === 'replaces');
    const users = [...deployed].filter(([, template]) => importsOf(template).has(name)).map(([user]) => user);
    if (!changed) return [];
    return users.map((user) => `stack \`${user}\` uses what stack \`${stackName}\` would replace or remove`);
  });
}

/** Systems Manager user guide, "Managing parameter tiers": an advanced parameter cannot become a standard one. */
function tiersLowered(before: Template, after: Template): string[] {
  const tier = (one?: Resource) => (one?.Type === 'AWS::SSM::Parameter' ? one.Properties?.['Tier'] : undefined);
  const lowered = resourcesOf(before).some(
    ([id, one]) => tier(one) === 'Advanced' && tier(after.Resources?.[id]) === 'Standard',
  );
  return lowered ? ['SSM never makes an advanced parameter a standard one'] : [];
}

/** `ECS service` for `AWS::ECS::Service`. */
const nounOf = ({ Type }: Resource): string => {
  const [, service = '', kind = ''] = Type.split('::');
  return `${service === 'ServiceDiscovery' ? 'Cloud Map' : service} ${kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()}`;
};
