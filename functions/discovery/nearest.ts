/**
 * Finds the word somebody meant: the known one that needs the fewest edits to get to.
 *
 * @param most more edits than this make another word; by default a third of the letters
 */
export function nearest(
  word: string,
  known: readonly string[],
  most = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  const from = plain(word);
  let best: string | undefined;
  let fewest = most + 1;
  for (const candidate of known) {
    const needed = edits(from, plain(candidate), fewest);
    if (needed < fewest) [best, fewest] = [candidate, needed];
  }
  return best;
}

/** `shard-tier`, `SHARD_TIER` and `shardTier` are the same word to a person. */
export const plain = (word: string): string => word.replaceAll(/[-_]/g, '').toLowerCase();

/**
 * Letters to add, drop, replace or swap with their neighbour (optimal string alignment), row by row.
 *
 * @param enough stops counting there
 */
function edits(from: string, to: string, enough: number): number {
  if (Math.abs(from.length - to.length) >= enough) return enough;
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 0; line < from.length; line++) {
    const next = [line + 1];
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (from[line] === to[column] ? 0 : 1);
      const isSwap = from[line] === to[column - 1] && from[line - 1] === to[column];
      const swapped = isSwap ? (before[column - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    if (Math.min(...next) >= enough && Math.min(...row) >= enough) return enough;
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
