/** Sentences, none if the changes of this version are written down below a heading `## <version>`. */
export function problemsOfChangelog(changelog: string, version: string): string[] {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  if (section === undefined) return [`CHANGELOG.md has no heading "## ${version}": say there what is new.`];
  if (!/^- /m.test(section)) return [`CHANGELOG.md says nothing below "## ${version}": say there what is new.`];
  return [];
}
