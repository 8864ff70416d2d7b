/** ECR repositories of a scenario's account. */
import { z } from 'zod';

export const repositorySpec = z.strictObject({
  name: z.string().min(1),
  images: z
    .array(
      z.strictObject({
        tags: z.array(z.string()).optional(),
        digest: z.string().regex(/^sha256:/, 'must be a digest such as sha256:…'),
        status: z.enum(['ACTIVE', 'ARCHIVED']).optional(),
        pushedAt: z.string().regex(/^-?P/).optional(),
      }),
    )
    .optional(),
});

export type RepositorySpec = z.infer<typeof repositorySpec>;
