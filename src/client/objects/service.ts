import type { Readable } from 'node:stream'
import type { ServiceInspect, ServiceUpdateResponse } from '../../api/types/index.ts'
import type { CallControl, Credentials, Options, WithAuth } from '../calls/call.ts'
import type { Args, AuthArgs } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'

/** A service of a swarm. */
export class Service extends CallerById {
  /** What it is to be, and how it is. */
  inspect(...args: Args<Options<'serviceInspect'>, ServiceInspect>): Promise<ServiceInspect> {
    return this.ask('serviceInspect', args)
  }

  /** Makes it what the options say; `version` is that of the service that is meant. Credentials may come first. */
  update(
    ...args: AuthArgs<Credentials, WithAuth<Options<'serviceUpdate'>>, ServiceUpdateResponse>
  ): Promise<ServiceUpdateResponse> {
    return this.askWithAuth('serviceUpdate', args)
  }

  /** Removes it and its tasks. */
  remove(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('serviceRemove', args)
  }

  /** The logs of its tasks: with `follow` a stream, without it all at once. */
  logs(...args: Args<Options<'serviceLogs'>, Readable | Buffer>): Promise<Readable | Buffer> {
    return this.work<Options<'serviceLogs'>, Readable | Buffer>(args, options =>
      options?.follow ? this.stream('serviceLogs', options) : this.bytes('serviceLogs', options),
    )
  }

  /** Ours: the logs as they come, whether they go on or not. */
  openLogs(options: Options<'serviceLogs'>): Promise<Readable> {
    return this.stream('serviceLogs', options)
  }
}
