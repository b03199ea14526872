import type { Readable } from 'node:stream'
import type { TaskInspect } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'

/** A task of a service. */
export class Task extends CallerById {
  /** What it is to be, and how it is. */
  inspect(...args: Args<CallControl, TaskInspect>): Promise<TaskInspect> {
    return this.ask('taskInspect', args)
  }

  /** Its log: with `follow` a stream, without it all at once. */
  logs(...args: Args<Options<'taskLogs'>, Readable | Buffer>): Promise<Readable | Buffer> {
    return this.work<Options<'taskLogs'>, Readable | Buffer>(args, options =>
      options?.follow ? this.stream('taskLogs', options) : this.bytes('taskLogs', options),
    )
  }
}
