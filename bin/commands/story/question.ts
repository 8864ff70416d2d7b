/** A person is asked, and what came of it. Pure. */
import type { Answered, Asked } from './facts.ts';
import { below, type Line, stamped } from './lines.ts';
import type { Style } from './style.ts';
import { clockTime, span } from './text.ts';

const silences = { approve: ' No answer means yes.', decline: ' No answer means no.' } as const;

export function askedLines({ timeMs, service, because, until, whom, silence }: Asked, style: Style): Line[] {
  const commands = ['approve', 'decline'].map((word) => `npx backstep ${word} ${service} --reason "..."`);
  return [
    ...stamped(
      timeMs,
      `A person is asked, until ${clockTime(until)}.${silence ? silences[silence] : ''} Nothing is changed meanwhile.`,
      style.bold,
    ),
    ...below(`Why: ${because}`),
    ...(whom ? below(`Asked: ${whom}.`) : []),
    ...below('They answer with one of'),
    ...commands.map((line) => ({ text: `            ${line}`, weight: 2 })),
  ];
}

/** @param askedMs when the question was put; undefined where that was not seen */
export function answeredLines({ timeMs, answer }: Answered, askedMs: number | undefined, style: Style): Line[] {
  const later = askedMs === undefined ? '' : span(timeMs - askedMs);
  if (answer.decision === 'expired')
    return stamped(timeMs, `Nobody has answered${later && ` in ${later}`}.`, style.yellow);
  const { decision, by, proven, at, reason } = answer;
  const word = decision === 'approve' ? 'yes' : 'no';
  const who = proven ? by.slice(by.lastIndexOf('/') + 1) : by;
  const proof = proven
    ? `Signed by ${by}, as AWS itself says.`
    : at === 'terminal'
      ? 'Answered at the terminal that carries the rollback out.'
      : 'The name is what the answer itself says: nobody signed it.';
  return [
    ...stamped(
      timeMs,
      `${who} says ${word}${later && `, ${later} after the question`}: "${reason}"`,
      decision === 'approve' ? style.green : style.yellow,
    ),
    ...below(proof, style.dim),
  ];
}
