/** The service that a runbook is compiled for when no configuration says which. */
import { serviceFacts } from '../../../lib/config/facts.ts';
import { environmentSchema } from '../../../lib/config/schema.ts';
import type { ServiceFacts } from '../../../lib/domain/triggers/trigger.ts';

const environment = 'production';
const service = 'example';
const arn = (resource: string) => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;

/** One side behind a load balancer of its own; everything else is the configuration's default. */
export function assumedFacts(): ServiceFacts {
  const section = environmentSchema.parse({
    account: '111122223333',
    region: 'eu-west-1',
    services: {
      [service]: {
        sides: [
          { name: 'main', cluster: service, service, targetGroup: arn(`targetgroup/${service}/0123456789abcdef`) },
        ],
        traffic: { rules: [arn(`listener/app/${service}/0123456789abcdef/0123456789abcdef`)] },
        runbook: 'runbook.json',
      },
    },
  });
  const own = section.services[service];
  if (!own) throw new Error(`the assumed environment has no service ${service}`);
  return serviceFacts(environment, section, service, own);
}

/** The same in words. */
export function assumptions({ health, baseline } = assumedFacts()): string {
  return (
    `Compiled for a service that is assumed: "${service}" in ${environment}, one side behind a load balancer of its own. ` +
    `Minutes with fewer than ${health.minimumRequestsPerMinute} requests do not count; ${baseline.errorRatePercent} % ` +
    `errors and a p95 of ${baseline.p95ResponseTimeMs} ms are normal. --config FILE --service NAME compiles for a real one.`
  );
}
