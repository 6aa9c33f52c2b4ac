/** Who may import whom, each rule with its reason. `npm run imports` checks it. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** The stages of the data, a folder each. */
const STAGES = ['observe', 'store', 'register', 'resync'];

module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle means two files have one reason to change.', {}, { circular: true }),
    rule(
      'core-is-pure',
      'discovery/ decides; it knows no AWS SDK, no clock, no environment, and nothing else of ours, so that it can be proved without them.',
      { path: '^functions/discovery/' },
      { pathNot: ['^functions/discovery/', '^node_modules/zod/', '^(node:)?(zlib|util)$'] },
    ),
    rule(
      'adapters-know-only-the-core',
      'aws/ translates between the core and one AWS service; it does not decide.',
      { path: '^functions/aws/' },
      {
        path: ['^functions/', '^infra/', '^containers/', '^test/'],
        pathNot: ['^functions/aws/', '^functions/discovery/'],
      },
    ),
    rule(
      'look-ups-know-no-stage',
      'look-up/ asks AWS about tasks for every stage; it knows none of them.',
      { path: '^functions/look-up/' },
      { path: STAGES.map((stage) => `^functions/${stage}/`) },
    ),
    ...STAGES.map((stage) =>
      rule(
        `${stage}-knows-no-other-stage`,
        'Each stage can be slow, broken or absent without the others: they share the core, adapters and look-ups, never code of their own.',
        { path: `^functions/${stage}/` },
        { path: STAGES.filter((other) => other !== stage).map((other) => `^functions/${other}/`) },
      ),
    ),
    rule(
      'lambda-knows-no-stage',
      'lambda/ is what every stage needs to be a Lambda.',
      { path: '^functions/lambda/' },
      { path: STAGES.map((stage) => `^functions/${stage}/`) },
    ),
    rule(
      'functions-stand-alone',
      'What runs in Lambda must not pull in the CDK app, a container or a test.',
      { path: '^functions/' },
      { path: ['^infra/', '^containers/', '^test/'] },
    ),
    rule(
      'containers-use-core-and-adapters',
      'A container shares the core and the adapters with the Lambdas, not their stages.',
      { path: '^containers/' },
      { path: ['^infra/', '^test/', '^functions/(?!discovery/|aws/)'] },
    ),
    rule(
      'infra-knows-names-not-code',
      'The CDK app needs the names and limits that the code defines, never the code; only infra/local, which runs everything on this machine, and infra/cli may import more.',
      { path: '^infra/', pathNot: '^infra/(local|cli)/' },
      { path: ['^functions/(?!discovery/)', '^containers/'] },
    ),
    rule(
      'cli-decides-as-the-functions-do',
      'The command line asks and decides with the look-ups of the functions; the stages themselves, which write, are not for it.',
      { path: '^infra/cli/' },
      {
        path: ['^functions/', '^containers/'],
        pathNot: ['^functions/(discovery|aws|look-up|lambda)/', '^functions/resync/resync-summary.ts$'],
      },
    ),
    rule(
      'app-without-cli',
      'What is deployed does not need the command line.',
      { path: '^infra/', pathNot: '^infra/(local|cli)/' },
      { path: '^infra/cli/' },
    ),
    rule(
      'deployed-app-without-local',
      'The app that is deployed must not depend on the emulation that tries it.',
      { path: '^infra/', pathNot: '^infra/local/' },
      { path: '^infra/local/' },
    ),
    rule(
      'nothing-imports-test',
      'Tests see the product, never the other way.',
      { pathNot: '^test/' },
      { path: '^test/' },
    ),
    rule(
      'only-adapters-import-the-sdk',
      'AWS SDK clients are built and used in aws/ alone; all else speaks its functions.',
      { path: ['^functions/', '^containers/'], pathNot: '^functions/aws/' },
      { path: '@aws-sdk/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
