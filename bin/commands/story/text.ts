/** Numbers and sentences for an 80-column terminal. */

import { printable } from '../printable.ts';

export const columns = 80;

/** Printable; breaks at spaces, but not between number and %; every line after the first starts with `indent` spaces. A longer word stands on a line of its own. */
export function wrap(text: string, indent: number, first = ''): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of printable(text).split(/[ \n]+(?!%)/)) {
    const room = columns - line.length - 1;
    if (line.trim() !== '' && word.length > room) {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent);
    }
    line += line === '' || line.endsWith(' ') ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** At most so many characters, cut between words. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, text.lastIndexOf(' ', length - 3)).replace(/[.,:;]$/, '')}...`;
}

/** Up to the first full stop that ends a word. */
export const firstSentence = (text: string): string => /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;

/** `2m 34s`, `58s`, `1h 04m`; below ten seconds with one decimal. */
export function span(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
}

/** `10:04:05`, UTC as everything in the account. */
export const clockTime = (time: number | string): string => new Date(time).toISOString().slice(11, 19);

/** `1,204` */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** The last part of an ARN: `checkout:41` of a task definition, `shop/checkout` of a service. */
export const shortArn = (arn: string): string => arn.replace(/^arn:[^/]*\//, '');

/** `v2.14.4` of `registry/shop/checkout:v2.14.4`, `sha256:…` of an image named by digest. */
export const imageTag = (image: string): string => /[:@]([^/:@]+(?::[^/]+)?)$/.exec(image)?.[1] ?? image;
