/** Keeps what AWS answers, in the form of a recording. */
import type { Exchange } from '../account/requests.ts';
import { PIPELINES } from '../account/scrape-jobs.ts';
import { KEPT_FIELDS } from './kept-fields.ts';

export interface Recorder {
  /** Is told of every answer. */
  readonly onExchange: (exchange: Exchange) => void;
  /** The text of the file. */
  file(settings: Readonly<Record<string, unknown>>): string;
}

interface Kept {
  readonly when: Readonly<Record<string, unknown>>;
  readonly answer: unknown;
}

/** Fields of a request that do not choose between answers. */
const PASSED_OVER = ['include', 'maxResults', 'MaxResults'];

/** A pipeline may hold user names; which scrape jobs are in it, the settings say. */
const isPipeline = ({ Name }: Exchange['input']): boolean => String(Name).includes(PIPELINES);

export function createRecorder(): Recorder {
  const kept = new Map<string, Map<string, Kept>>();
  return {
    onExchange({ operation, input, answer }) {
      const shape = KEPT_FIELDS[operation];
      if (!shape || isPipeline(input)) return;
      const entries = Object.entries(input).filter(
        ([name, value]) => value !== undefined && !PASSED_OVER.includes(name),
      );
      const when = Object.fromEntries(entries);
      const fields =
        answer instanceof Error ? { throws: answer.name, message: answer.message } : shape.safeParse(answer).data;
      const ofOperation = kept.get(operation) ?? new Map<string, Kept>();
      kept.set(operation, ofOperation.set(JSON.stringify(when), { when, answer: fields ?? {} }));
    },
    file(settings) {
      const aws = Object.fromEntries([...kept].map(([operation, all]) => [operation, answersOf([...all.values()])]));
      return `${JSON.stringify({ kind: 'events', settings, aws }, undefined, 2)}\n`;
    },
  };
}

/** The most particular requests first: that for a second page is also one for the first, with a token. */
function answersOf(all: readonly Kept[]): unknown {
  const [only] = all;
  if (all.length === 1) return only?.answer;
  return [...all].sort((a, b) => Object.keys(b.when).length - Object.keys(a.when).length);
}
