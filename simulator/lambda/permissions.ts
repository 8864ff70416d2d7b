import type { SimulatedAccount } from '../account.ts';
import { like } from '../iam/evaluate.ts';
import type { Principal } from '../service.ts';

/** One statement of a function's resource policy, as AWS::Lambda::Permission adds it. */
export interface Permission {
  /** `lambda:InvokeFunction` or `lambda:InvokeFunctionUrl`. */
  readonly action: string;
  /** A service (`events.amazonaws.com`), a role's ARN, or `*`. */
  readonly principal: string;
  readonly sourceArn?: string | undefined;
  readonly functionUrlAuthType?: string | undefined;
  /** Only for calls that come through the function's URL. */
  readonly invokedViaFunctionUrl?: boolean | undefined;
}

export type Conditions = Readonly<Record<string, string>>;

/** The resource policies of functions, versions and aliases. */
export class Permissions {
  readonly #account: Pick<SimulatedAccount, 'iam'>;
  readonly #granted = new Map<string, Permission[]>();

  constructor(account: Pick<SimulatedAccount, 'iam'>) {
    this.#account = account;
  }

  add(functionArn: string, permission: Permission): void {
    const granted = this.#granted.get(functionArn) ?? [];
    granted.push(permission);
    this.#granted.set(functionArn, granted);
  }

  /** Whether an AWS service may invoke the function on behalf of `sourceArn`. */
  permitsService(functionArn: string, service: string, sourceArn: string): boolean {
    return this.#of(functionArn).some(
      (one) =>
        one.action === 'lambda:InvokeFunction' &&
        one.principal === service &&
        (!one.sourceArn || like(one.sourceArn, sourceArn)),
    );
  }

  /** A caller of the account needs either: its own policy, or the function's. @throws AwsError AccessDenied */
  authorize(principal: Principal, action: string, functionArn: string, conditions: Conditions = {}): void {
    if (this.permitsCaller(functionArn, principal.arn, action, conditions)) return;
    this.#account.iam.authorize(principal, action, [functionArn], conditions);
  }

  /** @param caller a role's ARN, or `*` for whoever comes */
  permitsCaller(functionArn: string, caller: string, action: string, conditions: Conditions): boolean {
    return this.#of(functionArn).some(
      (one) =>
        one.action === action &&
        (one.principal === '*' || one.principal === caller) &&
        one.sourceArn === undefined &&
        (one.functionUrlAuthType === undefined ||
          one.functionUrlAuthType === conditions['lambda:FunctionUrlAuthType']) &&
        (!one.invokedViaFunctionUrl || conditions['lambda:InvokedViaFunctionUrl'] === 'true'),
    );
  }

  #of(functionArn: string): readonly Permission[] {
    return this.#granted.get(functionArn) ?? [];
  }
}
