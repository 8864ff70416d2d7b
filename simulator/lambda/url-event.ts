import type { Json } from '../../lib/domain/model.ts';
import type { Identity } from '../iam/identity.ts';
import { type ParsedRequest, toText } from '../wire/http.ts';

export interface UrlCaller extends Identity {
  readonly accessKeyId: string;
}

/** Where every request to a function URL comes from: an address that RFC 5737 keeps for documentation. */
const sourceIp = '203.0.113.17';

/** The event of a function URL: payload format 2.0. [docs: "Request payload format"] */
export function urlEvent(
  request: ParsedRequest,
  caller: UrlCaller | undefined,
  at: { readonly requestId: string; readonly nowMs: number },
): Json {
  const { method, pathname, hostname, headers } = request;
  const urlId = hostname.split('.')[0] ?? '';
  const path = decodeURIComponent(pathname) || '/';
  const { cookie, ...others } = headers;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: request.query.toString(),
    ...(cookie === undefined ? {} : { cookies: cookie.split(';').map((one) => one.trim()) }),
    headers: {
      ...others,
      host: hostname,
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...queryParameters(request.query),
    requestContext: {
      accountId: caller?.accountId ?? 'anonymous',
      apiId: urlId,
      ...(caller ? { authorizer: { iam: iamOf(caller) } } : {}),
      domainName: hostname,
      domainPrefix: urlId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: at.requestId,
      routeKey: '$default',
      stage: '$default',
      time: clfTime(at.nowMs),
      timeEpoch: at.nowMs,
    },
    ...bodyOf(request),
  };
}

function iamOf({ accessKeyId, accountId, arn, userId }: UrlCaller): Json {
  return {
    accessKey: accessKeyId,
    accountId,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId,
  };
}

/** A name given twice has its values joined by commas. */
function queryParameters(query: URLSearchParams): { queryStringParameters?: { [name: string]: string } } {
  const names = [...new Set(query.keys())];
  if (names.length === 0) return {};
  return { queryStringParameters: Object.fromEntries(names.map((name) => [name, query.getAll(name).join(',')])) };
}

function bodyOf({ body, headers }: ParsedRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.byteLength === 0) return { isBase64Encoded: false };
  const type = headers['content-type'] ?? '';
  const text = /^text\/|^application\/(json|javascript|xml|x-www-form-urlencoded)|\+json|\+xml/.test(type);
  // A form travels encoded all the same, as AWS sends it.
  const encoded = !text || type.startsWith('application/x-www-form-urlencoded');
  return encoded
    ? { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
    : { body: toText(body), isBase64Encoded: false };
}

/** `05/Aug/2022:08:14:39 +0000` */
function clfTime(ms: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(ms).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
