import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, issueText } from '../../lib/config/errors.ts';
import { type Configuration, parseConfiguration } from '../../lib/config/load.ts';

export const arn = (resource: string, account = '111122223333', region = 'eu-west-1') =>
  `arn:aws:elasticloadbalancing:${region}:${account}:${resource}`;
export const rule = arn('listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee');
export const targetGroup = arn('targetgroup/checkout/943f017f100becff');

/** A document that tests may change as they like, without a type to hold them back. */
// biome-ignore lint/suspicious/noExplicitAny: breaking the shape is what these tests are for
export type Loose = any;

/** The smallest sound configuration: everything else has a default. */
export function minimal(change: (document: Loose, service: Loose) => void = () => undefined): Loose {
  const service = {
    sides: [{ name: 'main', cluster: 'shop', service: 'checkout', targetGroup }],
    traffic: { rules: [rule] },
    runbook: 'runbook.json',
  };
  const document = {
    environments: { production: { account: '111122223333', region: 'eu-west-1', services: { checkout: service } } },
  };
  change(document, service);
  return document;
}

export const smallRunbook: Loose = {
  runbook_id: 'rb_1',
  trigger_conditions: [
    {
      trigger_id: 'error_rate_spike',
      name: 'Too many errors',
      condition: 'error_rate > 5% for 5 minutes',
      metric_threshold: { metric: 'error_rate', operator: 'greater_than', value: '5%', duration_minutes: 5 },
      evaluation_window_minutes: 5,
      auto_execute: true,
      escalation_contacts: [],
    },
  ],
};

/** A new directory with these files; objects are written as JSON. */
export function directoryWith(files: Record<string, string | Uint8Array | object>): string {
  const directory = mkdtempSync(join(tmpdir(), 'backstep-config-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(join(directory, path), plain ? content : JSON.stringify(content));
  }
  return directory;
}

const sound = directoryWith({ 'runbook.json': smallRunbook });

/** Parses a document beside a sound runbook. */
export const parse = (document: unknown): Configuration => parseConfiguration(document, { baseDir: sound });

/** The issues as people read them. */
export function problems(document: unknown): string[] {
  try {
    parse(document);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues.map(issueText);
    throw error;
  }
  return [];
}
