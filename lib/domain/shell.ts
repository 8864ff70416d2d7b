/** Texts from outside in shell scripts: they stay words and comments, whatever is in them. */

/** One word for a POSIX shell, whatever is in it. @example quote("it's") // `'it'\''s'` */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A comment ends where a line does. */
export const comment = (text: string): string => `# ${text.replace(/[\p{Cc}\s]+/gu, ' ').trim()}`;
