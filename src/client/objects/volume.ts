import type { CallQueryOf } from '../../api/routes.ts'
import type { VolumeInspect } from '../../api/types/index.ts'
import { adapt, type Callback, type OptionsOr } from '../calls/callback.ts'
import type { CallControl, Modem } from '../modem/modem.ts'

/** A volume by name. */
export class Volume {
  readonly modem: Modem
  readonly name: string

  constructor(modem: Modem, name: string) {
    this.modem = modem
    this.name = name
  }

  /** What it is. */
  inspect(
    options?: OptionsOr<CallControl, VolumeInspect>,
    callback?: Callback<VolumeInspect>,
  ): Promise<VolumeInspect> {
    return adapt(options, callback, bag =>
      this.modem.json('volumeInspect', { params: { name: this.name }, options: bag }),
    )
  }

  /** Removes it and what is in it; refused while a container uses it. */
  remove(
    options?: OptionsOr<CallQueryOf<'volumeRemove'> & CallControl, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag =>
      this.modem.json('volumeRemove', { params: { name: this.name }, options: bag }),
    )
  }
}
