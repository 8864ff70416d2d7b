import { z } from 'zod';
import { isDuration } from './duration.ts';

export const duration = z
  .string()
  .refine(isDuration, 'an ISO 8601 duration such as PT5M or PT1H30M')
  .describe('ISO 8601 duration, e.g. PT5M');

export const at = duration.describe('When it happens, counted from the start of the account, e.g. PT5M');
