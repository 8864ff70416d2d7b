import type { Policy } from '../lib/domain/model.ts';

/** What a configuration gets that says nothing of its policy; test/config/load.test.ts holds it to the schema. */
export const policy: Policy = {
  strategy: 'auto',
  scope: 'app',
  backup: 'required',
  awaitBackup: false,
  snapshotMinutes: 120,
  unknownMigrations: 'ask',
  approvalMinutes: 60,
  approvalDefault: 'decline',
  steps: { 'blue-green': [50, 100], canary: [10, 50, 100] },
  stepSeconds: 120,
  badSide: 'leave',
  foreignDeployment: 'halt',
  furtherBack: false,
  bakeMinutes: 30,
  attributionMinutes: 120,
  cooldownMinutes: 60,
  rollbacksPerDay: 2,
};
