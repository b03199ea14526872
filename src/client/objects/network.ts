import type { CallQueryOf } from '../../api/routes.ts'
import type {
  NetworkConnectRequest,
  NetworkDisconnectRequest,
  NetworkInspect,
} from '../../api/types/index.ts'
import { adapt, type Callback, type OptionsOr } from '../calls/callback.ts'
import type { Call, CallControl, Modem } from '../modem/modem.ts'

/** A network by id or name. */
export class Network {
  readonly modem: Modem
  readonly id: string

  constructor(modem: Modem, id: string) {
    this.modem = modem
    this.id = id
  }

  /** What it is, and who is on it. */
  inspect(
    options?: OptionsOr<CallQueryOf<'networkInspect'> & CallControl, NetworkInspect>,
    callback?: Callback<NetworkInspect>,
  ): Promise<NetworkInspect> {
    return adapt(options, callback, bag => this.modem.json('networkInspect', this.#call(bag)))
  }

  /** Joins a container to it. */
  connect(
    options: OptionsOr<NetworkConnectRequest & CallControl, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('networkConnect', this.#call(bag)))
  }

  /** Takes a container off it. */
  disconnect(
    options: OptionsOr<NetworkDisconnectRequest & CallControl, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('networkDisconnect', this.#call(bag)))
  }

  /** Removes it; refused while containers are on it. */
  remove(options?: OptionsOr<CallControl, void>, callback?: Callback<void>): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('networkRemove', this.#call(bag)))
  }

  #call(options: (object & CallControl) | undefined): Call {
    return { params: { id: this.id }, options }
  }
}
