import type { Duplex } from 'node:stream'
import type { CallQueryOf } from '../../api/routes.ts'
import type { ExecInspect, ExecStartRequest } from '../../api/types/index.ts'
import { adapt, type Callback, type OptionsOr } from '../calls/callback.ts'
import type { CallControl, Modem } from '../modem/modem.ts'

/** Of `start`: `hijack` is what makes stdin a stream of its own; `stdin` says that it will be written. */
export interface ExecStartCallOptions extends ExecStartRequest, CallControl {
  readonly hijack?: boolean | undefined
  readonly stdin?: boolean | undefined
}

/** A command in a container, as `Container.exec` made it. */
export class Exec {
  readonly modem: Modem
  readonly id: string

  constructor(modem: Modem, id: string) {
    this.modem = modem
    this.id = id
  }

  /** Runs it and gives its streams (framed unless it has a terminal); with `Detach` an empty one. */
  start(options?: OptionsOr<ExecStartCallOptions, Duplex>, callback?: Callback<Duplex>): Promise<Duplex> {
    return adapt(options, callback, bag =>
      this.modem.duplex('execStart', { params: { id: this.id }, options: bag, hijack: bag?.hijack }),
    )
  }

  /** Whether it runs, and its exit code. */
  inspect(
    options?: OptionsOr<CallControl, ExecInspect>,
    callback?: Callback<ExecInspect>,
  ): Promise<ExecInspect> {
    return adapt(options, callback, bag =>
      this.modem.json('execInspect', { params: { id: this.id }, options: bag }),
    )
  }

  /** Sets its terminal's size. */
  resize(
    options: OptionsOr<CallQueryOf<'execResize'> & CallControl, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag =>
      this.modem.json('execResize', { params: { id: this.id }, options: bag }),
    )
  }
}
