import { Alias } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Audience, Contact } from '../domain/model.ts';

export interface NotificationsProps {
  readonly environment: string;
  readonly contacts: Readonly<Record<string, Contact>>;
}

/** The audiences that a runbook's templates are written for. */
export const audiences = ['technical', 'business', 'executive'] as const satisfies readonly Audience[];

/** One topic per audience, with the e-mail addresses of its contacts subscribed. Each address has to confirm once. */
export class Notifications extends Construct {
  readonly topics: Readonly<Record<Audience, ITopic>>;

  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    // SNS's own key costs nothing and every role of the account may use it through SNS. AWS services may not, but
    // only our Lambdas publish here.
    const masterKey = Alias.fromAliasName(this, 'Key', 'alias/aws/sns');
    const topic = (audience: Audience): ITopic => {
      const created = new Topic(this, capitalize(audience), {
        displayName: `Backstep ${props.environment}`,
        enforceSSL: true,
        masterKey,
      });
      for (const email of addresses(props.contacts, audience)) created.addSubscription(new EmailSubscription(email));
      return created;
    };
    this.topics = { technical: topic('technical'), business: topic('business'), executive: topic('executive') };
  }
}

/** Each address once, sorted: two roles may be held by the same person. */
function addresses(contacts: Readonly<Record<string, Contact>>, audience: Audience): string[] {
  const emails = Object.values(contacts).flatMap((contact) =>
    contact.audience === audience && contact.email ? [contact.email] : [],
  );
  return [...new Set(emails)].sort();
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
