/** The commands of the pages that do not run here to their end, each with its reason. */

export interface Refused {
  readonly page: string;
  readonly command: string;
  /** What it says at its end. */
  readonly says: string;
}

/** What MiniStack cannot do. They are run nevertheless, up to where they fail, and have to fail for this reason. */
export const REFUSED: readonly Refused[] = [
  {
    page: 'README.md',
    command: 'npx cdk deploy --all',
    // A public parameter of AWS with the image of the hosts.
    says: "SSM parameter '/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id' does not exist",
  },
  {
    page: 'docs/elsewhere.md',
    command: 'npx cdk deploy -c clusters=prod,arn:aws:ecs:eu-north-1:444455556666:cluster/prod',
    says: 'Unrecognized resource types: [AWS::Events::EventBusPolicy]',
  },
  {
    page: 'docs/migrating.md',
    command:
      'npx cdk deploy --all -c clusters=YOUR_CLUSTER -c namespacesParameter=ECS-ServiceDiscovery-Namespaces -c collector=true -c vpcId=vpc-… -c subnetIds=subnet-…,subnet-… -c targetSecurityGroupIds=sg-… -c scrapePorts=3000,9100,9779 -c workspace=ws-…',
    says: 'Unrecognized resource types: [AWS::EC2::SecurityGroupEgress, AWS::EC2::SecurityGroupIngress]',
  },
  ...['observe', 'store'].map((stage) => ({
    page: 'docs/operations.md',
    command: `npx ecs-prometheus-discovery redrive ${stage}`,
    says: 'The action StartMessageMoveTask is not valid for this endpoint',
  })),
  {
    page: 'docs/operations.md',
    command: 'aws amp delete-workspace --workspace-id ws-EXAMPLE',
    says: 'when calling the DeleteWorkspace operation',
  },
];

interface Elsewhere {
  readonly why: string;
  /** What runs it, or a shorter form of it: a file, and words in it. */
  readonly ranBy?: readonly [file: string, words: string];
}

const CI = '.ci/run';
const PACKAGE = 'test/package/cdk-app.ts';

/** What is longer than a test may be, or runs tests itself. */
export const ELSEWHERE: Readonly<Record<string, Elsewhere>> = {
  '.ci/run': { why: 'it runs this' },
  'git pull': { why: 'there is no newer version to pull' },
  'npm ci': { why: 'it would take away what runs this', ranBy: [CI, 'npm ci'] },
  'npm ci && npm test': { why: 'it runs this', ranBy: [CI, 'npm test'] },
  'npm test -- test/functions': { why: 'tests in a test', ranBy: [CI, 'npm test'] },
  "npm test -- test/infra -t 'an alarm'": { why: 'tests in a test', ranBy: [CI, 'npm test'] },
  'npm run check': { why: 'it tells no more here than before', ranBy: [CI, 'npm run check'] },
  'npm run format': { why: 'it writes to the sources; the same without is in `check`', ranBy: [CI, 'npm run check'] },
  'npm run local': { why: 'it does not end by itself', ranBy: [CI, 'npm run local -- --once'] },
  'npm run local -- kill': {
    why: 'it needs one that runs',
    ranBy: ['test/local/commands/local-program.test.ts', "commands.run(['kill'"],
  },
  'npm run soak -- --minutes 10 --seed 1': { why: 'ten minutes', ranBy: [CI, 'npm run soak -- --histories'] },
  'npm run bench': { why: 'many minutes', ranBy: [CI, 'npm run bench -- calm'] },
  'npm run bench -- --peers': { why: 'twelve minutes' },
  'npm run bench:collector': { why: 'many minutes' },
  'npm run mutants': { why: 'many minutes' },
  'npx cdk init app --language typescript': { why: 'beside `npm install`', ranBy: [PACKAGE, "['init', 'app', "] },
  'npm install ../ecs-prometheus-discovery/ecs-prometheus-discovery-0.1.0.tgz': {
    why: 'it needs the packed file',
    ranBy: [PACKAGE, "run('npm', ['install', ...flags, packed]"],
  },
  'npx cdk deploy --all -c name=value': { why: 'the form of a command: there is no setting `name`' },
};
