/**
 * The allowed word that a mistyped one most likely meant; undefined when none is near.
 *
 * @example nearest('dryrun', ['dryRun', 'reason']) // 'dryRun'
 */
export function nearest(found: string, allowed: readonly string[]): string | undefined {
  const word = found.toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of allowed) {
    const limit = Math.max(2, Math.floor(name.length / 3));
    // Each letter too many is an edit; without this a pasted document costs seconds.
    if (Math.abs(word.length - name.length) > limit) continue;
    const distance = editDistance(word, name.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

/** Levenshtein's distance, with a swap of neighbours counted as one mistake. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : changed;
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped));
    }
  }
  return at(a.length, b.length);
}
