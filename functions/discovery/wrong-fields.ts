/** What the errors of zod have of a path. */
interface ShapeError {
  readonly issues: readonly { readonly path: readonly PropertyKey[] }[];
}

/**
 * The fields that are missing or wrong, each once, for a message to a person; never a value, which may be a secret.
 *
 * @param whole what to name where no single field is wrong
 */
export const wrongFields = ({ issues }: ShapeError, whole: string): string =>
  [...new Set(issues.map(({ path }) => path.join('.') || whole))].join(', ');
