import type { NetworkInspect } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'
import type { Modem } from '../modem/modem.ts'

/** A network by id or name. */
export class Network extends CallerById {
  /** What the engine warned of when it created this one; empty for one that was looked up. */
  readonly warning: string

  constructor(modem: Modem, id: string, warning = '') {
    super(modem, id)
    this.warning = warning
  }

  /** What it is, and who is on it. */
  inspect(...args: Args<Options<'networkInspect'>, NetworkInspect>): Promise<NetworkInspect> {
    return this.ask('networkInspect', args)
  }

  /** Joins a container to it. */
  connect(...args: Args<Options<'networkConnect'>, void>): Promise<void> {
    return this.ask('networkConnect', args)
  }

  /** Takes a container off it. */
  disconnect(...args: Args<Options<'networkDisconnect'>, void>): Promise<void> {
    return this.ask('networkDisconnect', args)
  }

  /** Ours: puts right in the kernel what has drifted at these paths. */
  repair(...args: Args<Options<'networkRepair'>, void>): Promise<void> {
    return this.ask('networkRepair', args)
  }

  /** Removes it; refused while containers are on it. */
  remove(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('networkRemove', args)
  }
}
