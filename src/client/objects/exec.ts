import type { Duplex } from 'node:stream'
import type { ExecInspect, ExecStartRequest } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'

/** Of `start`: `hijack` is what makes stdin a stream of its own; `stdin` says that it will be written. */
export interface ExecStartCallOptions extends ExecStartRequest, CallControl {
  readonly hijack?: boolean | undefined
  readonly stdin?: boolean | undefined
}

/** A command in a container, as `Container.exec` made it. */
export class Exec extends CallerById {
  /** Runs it and gives its streams (framed unless it has a terminal); with `Detach` an empty one. */
  start(...args: Args<ExecStartCallOptions, Duplex>): Promise<Duplex> {
    return this.work(args, options =>
      this.duplex('execStart', options, { hijack: options?.hijack, openStdin: options?.stdin }),
    )
  }

  /** Whether it runs, and its exit code. */
  inspect(...args: Args<CallControl, ExecInspect>): Promise<ExecInspect> {
    return this.ask('execInspect', args)
  }

  /** Sets its terminal's size. */
  resize(...args: Args<Options<'execResize'>, void>): Promise<void> {
    return this.ask('execResize', args)
  }
}
