import type { SecretInspect } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'

/** A secret of a swarm. */
export class Secret extends CallerById {
  /** What it is, but its data. */
  inspect(...args: Args<CallControl, SecretInspect>): Promise<SecretInspect> {
    return this.ask('secretInspect', args)
  }

  /** Changes its labels, which alone can be changed; `version` is that of the secret that is meant. */
  update(...args: Args<Options<'secretUpdate'>, void>): Promise<void> {
    return this.ask('secretUpdate', args)
  }

  /** Removes it; refused while a service uses it. */
  remove(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('secretRemove', args)
  }
}
