/** The account that the command works on, one adapter per AWS service. Nothing is loaded or called before it is needed. */
import { Alarms } from './alarms.ts';
import { Answers } from './answers.ts';
import { AccountClock } from './client.ts';
import { DirectRuns } from './direct-runs.ts';
import { Documents } from './documents.ts';
import { Executions } from './executions.ts';
import { Functions } from './functions.ts';
import { Identity } from './identity.ts';
import { Parameters } from './parameters.ts';
import { ReleaseNotes } from './release-notes.ts';
import { Services } from './services.ts';
import { Table } from './table.ts';

export class Account {
  readonly clock = new AccountClock();
  readonly parameters = new Parameters(this.clock);
  readonly executions = new Executions(this.clock);
  readonly table = new Table(this.clock);
  readonly releaseNotes = new ReleaseNotes(this.clock);
  readonly documents = new Documents(this.clock);
  readonly alarms = new Alarms(this.clock);
  readonly services = new Services(this.clock);
  readonly answers = new Answers();
  readonly functions = new Functions(this.clock);
  readonly directRuns = new DirectRuns(this.clock);
  readonly identity = new Identity(this.clock);
}
