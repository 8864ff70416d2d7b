import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Created, Creation } from '../creation.ts';

/** CloudFormation's alarm has the names and types of PutMetricAlarm's input. */
export function alarm(creation: Creation): Created {
  const name = creation.name(creation.properties.AlarmName, 255);
  const arn = creation.account.cloudwatch.putAlarm({
    ...(creation.properties as unknown as PutMetricAlarmInput),
    AlarmName: name,
  });
  return { physicalId: name, arn, attributes: { Arn: arn } };
}
