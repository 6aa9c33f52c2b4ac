/** What the policies of a role allow, one action on one resource after the other, and which of it nobody uses. */
import type { PolicyDocument, Role, Statement } from '../deployed/deployment.ts';
import type { Ask } from './asks.ts';
import { decide } from './decide.ts';

const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();

/** `action on resource`, with `if …` where there is a condition, as it is compared with the exceptions. */
const written = (action: string, resource: string, { Condition }: Statement): string =>
  `${action} on ${resource}${Condition ? ` if ${JSON.stringify(Condition)}` : ''}`;

/** @returns every grant that none of these requests needs */
export async function unusedGrants({ arn, policies }: Role, asks: readonly Ask[]): Promise<string[]> {
  const unused: string[] = [];
  for (const { Version, Statement: statements } of policies) {
    for (const statement of statements) {
      for (const action of listed(statement.Action)) {
        for (const resource of listed(statement.Resource)) {
          const alone = { ...statement, Action: action, Resource: resource };
          const policy: PolicyDocument = { Version, Statement: [alone] };
          const using = asks.filter((ask) => ask.action === action);
          const decisions = await Promise.all(using.map((ask) => decide({ principal: arn, policies: [policy] }, ask)));
          if (!decisions.includes('Allowed')) unused.push(written(action, resource, statement));
        }
      }
    }
  }
  return unused;
}
