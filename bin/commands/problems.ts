/** Errors of AWS, of the SDK and of the network, in words that say what to do. By their names: no SDK is loaded for it. */
import { exit, Failure, UsageError } from './command.ts';

export interface Problem {
  readonly text: string;
  /** The exit code. */
  readonly code: number;
}

/** Keys that AWS does not take: to the person at the keyboard the same as none. */
const refusedCredentials: ReadonlySet<string> = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'MissingAuthenticationTokenException',
]);

export function problemOf(error: unknown, env: Readonly<Record<string, string | undefined>>): Problem {
  if (!(error instanceof Error)) return { text: String(error), code: exit.failed };
  if (error instanceof UsageError) return { text: error.message, code: exit.unusable };
  if (error instanceof Failure) return { text: error.message, code: exit.failed };
  if (/Region is missing/.test(error.message)) return unusable(noRegion);
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError')
    return unusable(`${noCredentials} The SDK says: ${error.message}`);
  if (refusedCredentials.has(error.name))
    return unusable(`AWS does not take these credentials: ${error.name}: ${error.message}`);
  const unreachable = networkCode(error);
  if (unreachable) return { text: unreachableText(unreachable, error, env), code: exit.failed };
  if ('$metadata' in error) return { text: `AWS answered ${error.name}: ${error.message}`, code: exit.failed };
  return { text: error.stack ?? error.message, code: exit.failed };
}

const unusable = (text: string): Problem => ({ text, code: exit.unusable });

const noRegion =
  'No AWS region is set. Set AWS_REGION, e.g. AWS_REGION=eu-west-1, or choose a profile that has one with AWS_PROFILE.';

const noCredentials =
  'No AWS credentials were found. Sign in (aws sso login), choose a profile with AWS_PROFILE, or set ' +
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

/** `ECONNREFUSED` and the like, also where several addresses were tried. */
function networkCode(error: Error): string | undefined {
  const { code, errors } = error as { code?: unknown; errors?: { code?: unknown }[] };
  const found = code ?? errors?.[0]?.code;
  if (typeof found === 'string' && /^E[A-Z_]{3,}$/.test(found)) return found;
  return error.name === 'TimeoutError' ? 'no answer in time' : undefined;
}

function unreachableText(code: string, error: Error, env: Readonly<Record<string, string | undefined>>): string {
  const endpoint = env.AWS_ENDPOINT_URL;
  const where = endpoint ? `${endpoint}, which AWS_ENDPOINT_URL names, does not answer` : 'AWS cannot be reached';
  return `${where} (${code}${error.message ? `: ${error.message}` : ''}).`;
}
