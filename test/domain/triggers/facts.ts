import type { Json } from '../../../lib/domain/model.ts';
import type { RunbookTrigger, ServiceFacts } from '../../../lib/domain/triggers/trigger.ts';
import { policy } from '../../policy.ts';

const arn = (resource: string) => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;
export const rule = arn('listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee');
const main = {
  name: 'main',
  cluster: 'shop',
  service: 'checkout',
  targetGroup: arn('targetgroup/checkout/943f017f100becff'),
};
const side = (name: string, id: string) => ({
  name,
  cluster: 'shop',
  service: `checkout-${name}`,
  targetGroup: arn(`targetgroup/checkout-${name}/${id}`),
});

/** One side behind a load balancer of its own. */
export const oneSide: ServiceFacts = {
  environment: 'production',
  account: '111122223333',
  region: 'eu-west-1',
  production: true,
  service: 'checkout',
  sides: [main],
  traffic: { rules: [rule] },
  health: { probes: [], minimumRequestsPerMinute: 20 },
  baseline: { errorRatePercent: 1, p95ResponseTimeMs: 500 },
  policy,
  contacts: {},
  metrics: {},
  sharedLoadBalancer: false,
};

/** One side, between whose two target groups ECS or CodeDeploy moves the traffic. */
export const twoGroups: ServiceFacts = {
  ...oneSide,
  sides: [{ ...main, alternateTargetGroup: arn('targetgroup/checkout-green/1b2c3d4e5f607182') }],
};

export const twoSides: ServiceFacts = {
  ...oneSide,
  sides: [side('blue', '73e2d6bc24d8a067'), side('green', '09966783158cda59')],
};

/** Nothing reaches it but its queue. */
export const worker: ServiceFacts = {
  ...oneSide,
  sides: [{ name: 'main', cluster: 'shop', service: 'mailer' }],
  service: 'mailer',
  traffic: { rules: [] },
};

/** A trigger as runbooks have it; `threshold` and `fields` replace what they name. */
export function trigger(threshold: { [key: string]: Json }, fields: { [key: string]: Json } = {}): RunbookTrigger {
  return {
    index: 0,
    fields: {
      trigger_id: 'tested',
      name: 'Tested',
      condition: '',
      metric_threshold: {
        metric: 'error_rate',
        operator: 'greater_than',
        value: '5%',
        duration_minutes: 5,
        ...threshold,
      },
      evaluation_window_minutes: null,
      auto_execute: true,
      escalation_contacts: ['on_call_engineer'],
      ...fields,
    },
  };
}
