/**
 * What AWS takes at most, counted in the templates that are about to be deployed: CDK knows only the first of these limits,
 * and throws; for the others a deployment would fail half way.
 */
interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface CountedTemplate {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** CloudFormation user guide, "Understand CloudFormation quotas". */
const RESOURCES = 500;
const OUTPUTS = 200;
/** Bytes of a template in S3; the same source. */
const TEMPLATE_BYTES = 1_048_576;
/** Bytes of all environment variables of a function (AWS Lambda developer guide, "Lambda quotas"). */
const ENVIRONMENT_BYTES = 4096;
/** Characters (Amazon EventBridge user guide, "Amazon EventBridge quotas"). */
const PATTERN_CHARACTERS = 2048;

/** The longest that CloudFormation may put in place of what only the deployment knows. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};
/** An ARN, URL or name that CloudFormation makes up: SQS has the longest, 80 characters of a name behind 57 of a URL. */
const MADE_UP = 'x'.repeat(140);

const LESS = 'watch some of the clusters by a second deployment';

/** One sentence for each limit that a stack goes beyond; none: it can be deployed. */
export function exceededLimits(stackName: string, template: CountedTemplate): readonly string[] {
  const { Resources = {}, Outputs = {} } = template;
  const resources = Object.entries(Resources);
  const over = (what: string, count: number, limit: number, advice: string): string[] =>
    count > limit ? [`${what}, but AWS takes ${limit.toLocaleString('en-US')} at most: ${advice}`] : [];
  const [count, outputs] = [resources.length, Object.keys(Outputs).length];
  const bytes = Buffer.byteLength(JSON.stringify(template));
  return [
    ...over(`stack ${stackName} has ${count} resources`, count, RESOURCES, `lower shards, or ${LESS}`),
    ...over(`stack ${stackName} has ${outputs} outputs`, outputs, OUTPUTS, 'lower collectors'),
    ...over(`the template of stack ${stackName} has ${bytes} bytes`, bytes, TEMPLATE_BYTES, LESS),
    ...resources.flatMap(([id, { Type, Properties = {} }]) => {
      if (Type === 'AWS::Lambda::Function') {
        const size = environmentBytes(Properties['Environment']);
        const what = `the environment of function ${id} has ${size} bytes`;
        return over(what, size, ENVIRONMENT_BYTES, `use docker labels in place of some scrapeRules, or ${LESS}`);
      }
      if (Type !== 'AWS::Events::Rule') return [];
      const size = JSON.stringify(deployed(Properties['EventPattern'])).length;
      return over(`the pattern of rule ${id} has ${size} characters`, size, PATTERN_CHARACTERS, LESS);
    }),
  ];
}

function environmentBytes(environment: unknown): number {
  const { Variables = {} } = (environment ?? {}) as { Variables?: Readonly<Record<string, unknown>> };
  return Object.entries(Variables).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name + String(deployed(value))),
    0,
  );
}

/** A value of a template as long as it may become. */
function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(deployed).join(separator);
  }
  if (name === 'Ref') return PSEUDO_PARAMETERS[String(argument)] ?? MADE_UP;
  if (name.startsWith('Fn::')) return MADE_UP;
  return Object.fromEntries(entries.map(([key, it]) => [key, deployed(it)]));
}
