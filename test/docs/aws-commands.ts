/** The commands of the AWS CLI that a page gives. */
import { blocksOf, quotesIn } from './pages.ts';

export interface AwsCommand {
  /** As it stands on the page, in one line. */
  readonly text: string;
  readonly service: string;
  readonly operation: string;
  /** Names of its options, without the hyphens. */
  readonly options: readonly string[];
  /** What is no option and no value of one. */
  readonly others: readonly string[];
}

/** Options that every command has (AWS CLI reference, "Global options"). */
const GLOBAL = ['cli-read-timeout', 'output', 'profile', 'query', 'region'];
export const isGlobal = (option: string): boolean => GLOBAL.includes(option);

/** Commands in shell blocks and between backticks. */
export function awsCommandsIn(page: string): AwsCommand[] {
  const lines = [
    ...blocksOf(page, 'sh').flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n')),
    ...quotesIn(page),
  ];
  return lines.flatMap((line) => piecesOf(line).flatMap(commandIn));
}

/** The parts of a line that a shell runs one by one; a substitution is one of its own and stands as `$` in the others. */
function piecesOf(line: string): string[] {
  const inner = /\$\(([^()]*)\)/.exec(line);
  if (inner) return [...piecesOf(line.replace(inner[0], '$')), ...piecesOf(inner[1] ?? '')];
  return line.split(/[|;]|(?:^|\s)#|\bdo\b/).map((piece) => piece.trim());
}

function commandIn(piece: string): AwsCommand[] {
  const at = piece.search(/\baws [a-z]+ [a-z-]+/);
  if (at < 0) return [];
  const text = piece.slice(at);
  const words = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const [, service = '', operation = '', ...rest] = words;
  const options: string[] = [];
  const others: string[] = [];
  for (const [index, word] of rest.entries()) {
    const isValue = rest[index - 1]?.startsWith('--') ?? false;
    if (word.startsWith('--')) options.push(word.slice(2));
    else if (!isValue) others.push(word);
  }
  return [{ text, service, operation, options, others }];
}
