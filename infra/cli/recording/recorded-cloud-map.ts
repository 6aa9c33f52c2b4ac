/** Which namespaces there are: what a recording says of them in short, as the answers that the look-ups ask for. */
import * as z from 'zod/mini';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import type { RecordedAnswers } from './recorded-answers.ts';
import type { RecordingFile } from './recording-file.ts';

const namespacesAnswer = z.object({ Namespaces: z.array(z.object({ Name: z.string() })) });
const parametersAnswer = z.object({ Parameters: z.array(z.object({ Name: z.string() })) });

/**
 * The namespaces parameter and the namespaces, as far as the answers do not have them: `cloudMap` or the setting
 * `namespaces` names them in short.
 */
export function cloudMapAnswers(
  { aws, cloudMap, settings }: RecordingFile,
  { namespacesParameter }: Pick<DiscoverySettings, 'namespacesParameter'>,
): RecordedAnswers {
  if (namespacesParameter === undefined) return {};
  const recorded = namespacesAnswer.safeParse(aws['ListNamespaces']);
  const existing = recorded.success ? recorded.data.Namespaces.map(({ Name }) => Name) : undefined;
  const fromSettings = settings['namespaces'];
  const named = Array.isArray(fromSettings) ? fromSettings.join(',') : fromSettings;
  const value = cloudMap?.parameter ?? (named as string | undefined) ?? existing?.join(',');
  const namespaces = cloudMap?.namespaces ?? value?.split(',').map((name) => name.trim()) ?? [];
  return {
    ...(value !== undefined && !hasParameter(aws['GetParameters'], namespacesParameter)
      ? { GetParameters: withParameter(aws['GetParameters'], { Name: namespacesParameter, Value: value, Version: 1 }) }
      : {}),
    ...(!('ListNamespaces' in aws) && {
      ListNamespaces: { Namespaces: namespaces.map((Name) => ({ Name, Id: `ns-${Name}` })) },
    }),
  };
}

function hasParameter(answer: unknown, name: string): boolean {
  const parsed = parametersAnswer.safeParse(answer);
  return Array.isArray(answer) || (parsed.success && parsed.data.Parameters.some(({ Name }) => Name === name));
}

function withParameter(answer: unknown, parameter: object): Readonly<Record<string, unknown>> {
  const parsed = parametersAnswer.safeParse(answer);
  const others = parsed.success ? (answer as { Parameters: object[] }).Parameters : [];
  return { Parameters: [...others, parameter] };
}
