/** AWS answers in pages and takes lists in portions; both to the end. */

/** Cuts a list into portions of at most `size`. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  const portions: T[][] = [];
  for (let start = 0; start < list.length; start += size) portions.push(list.slice(start, start + size));
  return portions;
}

/** Follows page tokens until AWS gives no more; an empty page with a token is not the end. */
export async function allPages<T>(
  fetchPage: (
    token: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await fetchPage(token);
    all.push(...items);
    token = next || undefined;
  } while (token !== undefined);
  return all;
}
