import type { LookupFunction } from 'node:net'
import type { CredentialSource } from '../../oci/credentials.ts'
import { Authorizations } from './authorizations.ts'
import { Endpoint } from './endpoint.ts'
import type { Place } from './settings/places.ts'
import { type RegistrySettings, readSettings } from './settings/settings.ts'
import { PATIENCE, type Patience } from './wire/patience.ts'
import { Transport } from './wire/transport.ts'

/** Who asks registries, and how. */
export interface RegistryClientOptions {
  readonly credentials: CredentialSource
  readonly signal?: AbortSignal
  /** How names of hosts become addresses; absent: as Node looks them up, which no signal ends. */
  readonly lookup?: LookupFunction
  /** Mirrors, certificates, proxies; absent: what this machine's files and environment say. */
  readonly settings?: RegistrySettings
  /** Absent: a busy server is waited for. */
  readonly patience?: Patience
}

/** The servers that one piece of work speaks to. */
export class Connections {
  readonly authorizations: Authorizations
  readonly #options: RegistryClientOptions
  readonly #endpoints = new Map<string, Endpoint>()
  #settings: Promise<RegistrySettings> | undefined
  #transport: Transport | undefined

  constructor(options: RegistryClientOptions) {
    this.#options = options
    this.authorizations = new Authorizations(options.credentials)
  }

  /** What the machine says of registries, read once. */
  settings(): Promise<RegistrySettings> {
    this.#settings ??= this.#options.settings ? Promise.resolve(this.#options.settings) : readSettings()
    return this.#settings
  }

  /** The server of a place; the same for all its repositories. */
  async endpoint(place: Place): Promise<Endpoint> {
    const key = `${place.host} ${place.origins.join(' ')} ${place.isVerified} ${place.isMirror}`
    const known = this.#endpoints.get(key)
    if (known !== undefined) return known
    const settings = await this.settings()
    const { patience = PATIENCE, signal, lookup } = this.#options
    this.#transport ??= new Transport(settings, { signal, lookup })
    // Who is not waited for has somebody behind him who can be asked instead.
    const own = place.isMirror ? { ...patience, attempts: 1 } : patience
    const made = new Endpoint(place, { settings, transport: this.#transport, patience: own, signal })
    this.#endpoints.set(key, made)
    return made
  }
}
