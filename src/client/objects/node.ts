import type { NodeInspect } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'

/** A machine of a swarm. */
export class Node extends CallerById {
  /** What it is to be, and how it is. */
  inspect(...args: Args<CallControl, NodeInspect>): Promise<NodeInspect> {
    return this.ask('nodeInspect', args)
  }

  /** Makes it what the options say; `version` is that of the node that is meant. */
  update(...args: Args<Options<'nodeUpdate'>, void>): Promise<void> {
    return this.ask('nodeUpdate', args)
  }

  /** Takes it out of the swarm. */
  remove(...args: Args<Options<'nodeRemove'>, void>): Promise<void> {
    return this.ask('nodeRemove', args)
  }
}
