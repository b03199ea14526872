import { join } from 'node:path'
import { returnTicketsOfThread } from '../executor/lock/tickets.ts'

/** Gives back the locks of projects that a thread of this process had when it ended. `run`: RUN of its engine. */
export function returnTicketsOf(run: string, threadId: number): void {
  returnTicketsOfThread(join(run, 'projects'), threadId)
}
