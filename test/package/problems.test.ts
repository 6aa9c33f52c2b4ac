import { describe, expect, it } from '@jest/globals';
import { lowest } from '../../infra/release/lowest-peers.ts';
import { problemsOfChangelog } from '../../infra/release/problems-of-changelog.ts';
import { problemsOfPackage } from '../../infra/release/problems-of-package.ts';

const withFile = (path: string, size = 1): string[] =>
  problemsOfPackage({ contents: [{ path, size: 1 }], size }).filter((problem) => !problem.endsWith(' is missing.'));

describe('the check of a packed file', () => {
  it.each([
    'dist/lib/infra/local/machine.d.ts',
    'dist/lib/infra/stacks/stacks.d.ts',
    'dist/lib/infra/build/build-bundles.js',
    'infra/index.ts',
    'test/package/problems.test.ts',
    'node_modules/zod/package.json',
    'dist/functions/former/index.js',
  ])('says that %s does not belong there', (path) => {
    expect(withFile(path)).toContain(`${path} does not belong into the package.`);
  });

  it.each(['dist/lib/infra/constructs/x.d.ts', 'docs/operations.md', 'docs/alerts/rules.yaml', 'LICENSE'])(
    'lets %s be there',
    (path) => {
      expect(withFile(path)).toEqual([]);
    },
  );

  it('names a module without declarations', () => {
    expect(withFile('dist/lib/infra/x.js')).toEqual(['dist/lib/infra/x.js has no declarations.']);
  });

  it('names what is missing', () => {
    expect(problemsOfPackage({ contents: [], size: 1 })).toEqual(
      expect.arrayContaining(['dist/functions/observe/index.js is missing.', 'dist/lib/index.cjs is missing.']),
    );
  });

  it('says how large it is when it is too large', () => {
    expect(withFile('LICENSE', 2_000_000)).toEqual(['The file has 2000000 bytes, more than 1835008.']);
  });
});

describe('the check of the change log', () => {
  it.each([
    ['there is a list', '# Changes\n\n## 1.2.0 (unreleased)\n\n- One.\n', []],
    ['there is no heading', '# Changes\n\n## 1.1.0\n\n- One.\n', ['no heading "## 1.2.0"']],
    ['the list is below another heading', '## 1.2.0\n\n## 1.1.0\n\n- One.\n', ['nothing below "## 1.2.0"']],
    ['the version only begins the same', '## 1.2.01\n\n- One.\n', ['no heading "## 1.2.0"']],
  ])('%s', (_, text, problems) => {
    expect(problemsOfChangelog(text, '1.2.0')).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  });
});

it('the oldest versions of the peers are those that the ranges begin with', () => {
  expect(lowest({ 'aws-cdk-lib': '^2.269.0', constructs: '^10.5.1' })).toEqual([
    'aws-cdk-lib@2.269.0',
    'constructs@10.5.1',
  ]);
});
