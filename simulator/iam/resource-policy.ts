/** Policies on resources (topics, keys), as far as AWS services need them: they have no role that could allow them. */
import { type AccessQuestion, decide } from './evaluate.ts';
import { type PolicyDocument, type PolicyStatement, parsePolicy, type Statement } from './policy.ts';

/** Who asks: an AWS service, or a role of the account. */
export type Asker = { readonly service: string } | { readonly role: string };

type PrincipalElement = '*' | Readonly<Record<string, string | readonly string[]>>;

interface Grant {
  readonly principal: PrincipalElement | undefined;
  readonly statement: Statement;
}

/** One resource's policy, checked once. */
export class ResourcePolicy {
  readonly #grants: readonly Grant[];

  constructor(document: PolicyDocument) {
    const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
    this.#grants = (statements as (PolicyStatement & { Principal?: PrincipalElement })[]).flatMap((statement) =>
      parsePolicy({ Statement: statement }).map((parsed) => ({ principal: statement.Principal, statement: parsed })),
    );
  }

  /** Whether this policy alone allows it. Naming the account's root leaves the decision to IAM, which is no answer here. */
  allows(asker: Asker, question: AccessQuestion): boolean {
    return this.decision(asker, question) === 'allow';
  }

  /** What this policy alone says; `none` where it says nothing. */
  decision(asker: Asker, question: AccessQuestion): 'allow' | 'deny' | 'none' {
    const applying = this.#grants.filter(({ principal }) => means(principal, asker));
    return decide(
      applying.map(({ statement }) => statement),
      question,
    );
  }
}

function means(principal: PrincipalElement | undefined, asker: Asker): boolean {
  if (principal === undefined) return false;
  if (principal === '*') return true;
  const [kind, name] = 'service' in asker ? (['Service', asker.service] as const) : (['AWS', asker.role] as const);
  const named = principal[kind] ?? [];
  const names: readonly string[] = typeof named === 'string' ? [named] : named;
  return names.includes(name) || (kind === 'AWS' && names.includes('*'));
}
