/**
 * AWS STS: who is calling, as AWS sees it. It needs no permission.
 *
 * Calls: sts:GetCallerIdentity
 */
import { type AccountClock, clientOptions, lazily } from './client.ts';

export class Identity {
  readonly #sts;
  readonly #sdk = lazily(() => import('@aws-sdk/client-sts'));

  constructor(clock: AccountClock) {
    this.#sts = lazily(async () => clock.listenTo(new (await this.#sdk()).STSClient(clientOptions)));
  }

  /** ARN of the user, or of the role's session. */
  async arn(): Promise<string> {
    const [{ GetCallerIdentityCommand }, client] = await Promise.all([this.#sdk(), this.#sts()]);
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    if (!Arn) throw new Error('STS answered GetCallerIdentity without an ARN.');
    return Arn;
  }
}
