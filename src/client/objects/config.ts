import type { ConfigInspect } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'

/** A config of a swarm. */
export class Config extends CallerById {
  /** What it is. */
  inspect(...args: Args<CallControl, ConfigInspect>): Promise<ConfigInspect> {
    return this.ask('configInspect', args)
  }

  /** Changes its labels, which alone can be changed; `version` is that of the config that is meant. */
  update(...args: Args<Options<'configUpdate'>, void>): Promise<void> {
    return this.ask('configUpdate', args)
  }

  /** Removes it; refused while a service uses it. */
  remove(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('configRemove', args)
  }
}
