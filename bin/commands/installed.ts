/** Finds what the command is about: the environment that is installed, and a service in it. */

import type { Installation } from '../../lib/domain/installation.ts';
import { nearest } from '../../lib/domain/nearest.ts';
import type { Account } from '../aws/account.ts';
import type { ServicePointer } from '../aws/parameters.ts';
import { ask, isInteractive } from './ask.ts';
import { type Arguments, type Io, type Option, UsageError } from './command.ts';

/** Flags of every command that works on an account. */
export const accountOptions: Readonly<Record<string, Option>> = {
  environment: { type: 'string', value: 'NAME', help: 'which environment, where several are installed' },
  json: { type: 'boolean', help: 'print one JSON document, and nothing else, on stdout' },
};

/** @throws UsageError where none is installed, the one asked for is not, or several are and nobody says which */
export async function findInstallation(account: Account, flags: Arguments['flags'], io: Io): Promise<Installation> {
  const { environment } = flags;
  if (typeof environment === 'string') {
    // AWS refuses other characters with an error of its own; no environment has them.
    const found = /^[\w.-]+$/.test(environment) ? await account.parameters.installation(environment) : undefined;
    return found ?? chosen(environment, await account.parameters.installations());
  }
  const installed = await account.parameters.installations();
  const [only, ...others] = installed;
  if (only && others.length === 0) return only;
  const names = installed.map((one) => one.environment);
  if (!only || !isInteractive(io, flags.json === true)) throw new UsageError(notOne(names));
  const answer = await ask(io, flags.json === true, `Which environment? There are ${names.join(', ')}:`);
  return chosen(answer ?? '', installed);
}

function chosen(environment: string, installed: readonly Installation[]): Installation {
  const found = installed.find((one) => one.environment === environment);
  if (found) return found;
  const names = installed.map((one) => one.environment);
  if (names.length === 0) throw new UsageError(notOne(names));
  throw new UsageError(
    `No environment "${environment}" is installed here. ${suggestion(environment, names)}There are: ${names.join(', ')}.`,
  );
}

const notOne = (names: readonly string[]): string =>
  names.length === 0
    ? 'Backstep is not installed in this account and region: deploy it first (npx cdk deploy), or choose another ' +
      'account or region with AWS_PROFILE and AWS_REGION.'
    : `Several environments are installed here: ${names.join(', ')}. Say which with --environment, e.g. --environment ${names[0]}.`;

/**
 * A missing name means the only service there is; where there are several, it is asked for on a terminal.
 *
 * @throws UsageError where the environment has no such service, or none is named
 */
export async function findService(
  account: Account,
  { environment }: Installation,
  name: string | undefined,
  { json, io }: { readonly json: boolean; readonly io: Io },
): Promise<ServicePointer> {
  const services = await account.parameters.services(environment);
  const names = services.map(({ service }) => service);
  if (names.length === 0) throw new UsageError(`${environment} protects no service yet: add one and deploy again.`);
  const [only, ...others] = services;
  if (name === undefined && only && others.length === 0) return only;
  if (name === undefined && !isInteractive(io, json))
    throw new UsageError(`Which service? ${environment} has: ${names.join(', ')}.`);
  const wanted = name ?? (await ask(io, json, `Which service? ${environment} has ${names.join(', ')}:`)) ?? '';
  const found = services.find(({ service }) => service === wanted);
  if (found) return found;
  throw new UsageError(
    `${environment} has no service "${wanted}". ${suggestion(wanted, names)}It has: ${names.join(', ')}.`,
  );
}

function suggestion(found: string, names: readonly string[]): string {
  const meant = nearest(found, names);
  return meant ? `Did you mean ${meant}? ` : '';
}

/** `eu-west-1`, from an ARN of the installation. */
export const regionOf = ({ stateMachineArn }: Installation): string => stateMachineArn.split(':')[3] ?? '';
