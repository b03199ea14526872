import type { VolumeInspect } from '../../api/types/index.ts'
import type { CallControl, Options } from '../calls/call.ts'
import type { Args } from '../calls/callback.ts'
import { CallerByName } from '../calls/caller.ts'

/** A volume by name. */
export class Volume extends CallerByName {
  /** What it is. */
  inspect(...args: Args<CallControl, VolumeInspect>): Promise<VolumeInspect> {
    return this.ask('volumeInspect', args)
  }

  /** Removes it and what is in it; refused while a container uses it. */
  remove(...args: Args<Options<'volumeRemove'>, void>): Promise<void> {
    return this.ask('volumeRemove', args)
  }
}
