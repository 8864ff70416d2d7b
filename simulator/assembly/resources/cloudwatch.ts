import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
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

/** So has its composite alarm: those of PutCompositeAlarm's input. */
export function compositeAlarm(creation: Creation): Created {
  const name = creation.name(creation.properties.AlarmName, 255);
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = creation.properties;
  const arn = creation.account.cloudwatch.putCompositeAlarm({
    ...(creation.properties as unknown as PutCompositeAlarmInput),
    ...(wait === undefined ? {} : { ActionsSuppressorWaitPeriod: Number(wait) }),
    ...(extension === undefined ? {} : { ActionsSuppressorExtensionPeriod: Number(extension) }),
    AlarmName: name,
  });
  return { physicalId: name, arn, attributes: { Arn: arn } };
}
