/** Parameters, secrets and files of a scenario's account: what task definitions name. */
import { z } from 'zod';

export const parameterSpec = z.strictObject({
  name: z.string().min(1),
  value: z.string().min(1),
  /** How often it was written, which is its version; 1 when absent. */
  version: z.number().int().min(1).optional(),
});

export const secretSpec = z.strictObject({
  name: z.string().min(1),
  /** The six characters that Secrets Manager adds to the name in the ARN; drawn from the seed when absent. */
  suffix: z
    .string()
    .regex(/^[A-Za-z0-9]{6}$/, 'six letters or digits')
    .optional(),
  versionId: z.string().min(32).max(64).optional(),
});

/** An object of S3; its bucket exists by being named here. */
export const fileSpec = z.string().regex(/^arn:aws:s3:::[a-z0-9.-]{3,63}\/.+$/, 'the ARN of an object in S3');

export type ParameterSpec = z.infer<typeof parameterSpec>;
