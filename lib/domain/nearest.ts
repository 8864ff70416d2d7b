/**
 * The allowed word that a mistyped one most likely meant; undefined when none is near.
 *
 * @example nearest('dryrun', ['dryRun', 'reason']) // 'dryRun'
 */
export function nearest(found: string, allowed: readonly string[]): string | undefined {
  const word = found.toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of allowed) {
    const limit = Math.max(1, Math.floor(name.length / 3));
    // Each letter too many is an edit; without this a pasted document costs seconds.
    if (Math.abs(word.length - name.length) > limit) continue;
    const distance = editDistance(word, name.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
