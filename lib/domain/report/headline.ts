/** Title, badge and summary: what somebody reads who reads nothing else. */
import type { Outcome, Release } from '../model.ts';
import { nameOf } from '../releases.ts';
import type { Tone } from './content.ts';
import { elapsedWords, fullReason, type ReportFacts } from './facts.ts';

export function badgeOf(outcome: Outcome): { readonly badge: string; readonly tone: Tone } {
  return badges[outcome];
}

export function titleOf({ context, plan, outcome }: Pick<ReportFacts, 'context' | 'plan' | 'outcome'>): string {
  const move = plan?.target ? `, ${versions(plan.suspect, plan.target)}` : '';
  return `${context.service} in ${context.environment}: ${titles[outcome]}${move}`;
}

export function summaryOf(facts: ReportFacts): string {
  const { context, outcome } = facts;
  return `${starterOf(context.request)} ${endings[outcome]} It took ${elapsedWords(facts)}. ${fullReason(facts)}`;
}

/** Who or what started it, as a sentence. */
export function starterOf({ trigger, reason }: ReportFacts['context']['request']): string {
  if (trigger) return `The alarm ${trigger.alarmName} (trigger ${trigger.triggerId}) started this.`;
  return reason ? `A person started this: ${period(reason)}` : 'A person started this without giving a reason.';
}

/** `v2.8.0 (checkout:42) to v2.7.3 (checkout:41)` */
export function versions(from: Release | undefined, to: Release): string {
  return from ? `${nameOf(from)} to ${nameOf(to)}` : `to ${nameOf(to)}`;
}

const badges: Readonly<Record<Outcome, { badge: string; tone: Tone }>> = {
  verified: { badge: 'Verified', tone: 'good' },
  ready: { badge: 'Ready, nothing changed', tone: 'info' },
  'already-at-target': { badge: 'Already at target', tone: 'info' },
  duplicate: { badge: 'Duplicate', tone: 'info' },
  observed: { badge: 'Observed, nothing changed', tone: 'info' },
  declined: { badge: 'Declined', tone: 'info' },
  blocked: { badge: 'Blocked, nothing changed', tone: 'bad' },
  halted: { badge: 'Halted', tone: 'bad' },
  'needs-attention': { badge: 'Needs attention', tone: 'bad' },
};

const titles: Readonly<Record<Outcome, string>> = {
  verified: 'rolled back and healthy',
  ready: 'a rollback is ready',
  'already-at-target': 'already at the target',
  duplicate: 'a rollback is already under way',
  observed: 'no rollback',
  declined: 'rollback declined',
  blocked: 'a rollback would not be safe',
  halted: 'rollback halted',
  'needs-attention': 'the rollback needs a person',
};

const endings: Readonly<Record<Outcome, string>> = {
  verified: 'The release was rolled back, and the service proved healthy.',
  ready: 'The rollback was planned and nothing was changed.',
  'already-at-target': 'The service already runs the target, so nothing was changed.',
  duplicate: 'Another rollback of this service is under way, so this one changed nothing.',
  observed: 'A rollback would not have been the cure, or was not allowed, so nothing was changed.',
  declined: 'The rollback was declined and nothing was changed.',
  blocked: 'The rollback was not safe, so nothing was changed.',
  halted: 'The rollback stopped before its end, in the state that is named below.',
  'needs-attention': 'The rollback could not be proven good, and a person has to look.',
};

/** One sentence, ended. */
export const period = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
