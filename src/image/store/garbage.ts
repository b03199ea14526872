import { Mutex } from '../../linux/mutex.ts'
import { type LeaseParts, openLease, type StoreLease } from './lease.ts'
import { allConfigs, type StoreTables } from './tables.ts'
import type { ImageUser } from './types.ts'

/**
 * Finds what nobody names and removes it, but never while work is open that makes layers: what that has made or found has no
 * name yet.
 */
export class Garbage {
  readonly #tables: StoreTables
  readonly #usersOf: (imageId: string) => readonly ImageUser[]
  readonly #making: Pick<LeaseParts, 'unpack' | 'keepPacked'>
  /** Held by a collection; a lease begins only outside of one. */
  readonly #gate = new Mutex()
  #leases = 0
  /** What was to be collected while leases were open. */
  #wanted: readonly string[] | 'all' | undefined

  constructor(
    tables: StoreTables,
    usersOf: (imageId: string) => readonly ImageUser[],
    making: Pick<LeaseParts, 'unpack' | 'keepPacked'>,
  ) {
    this.#making = making
    this.#tables = tables
    this.#usersOf = usersOf
  }

  /** Whether nobody works in the store. */
  get isIdle(): boolean {
    return this.#leases === 0
  }

  lease(): Promise<StoreLease> {
    const { layout, layers, cache } = this.#tables
    return this.#gate.run(async () => {
      this.#leases += 1
      return openLease({ layout, layers, cache, ...this.#making, onEnd: () => this.#leaseEnded() })
    })
  }

  async #leaseEnded(): Promise<void> {
    this.#leases -= 1
    if (this.#leases === 0 && this.#wanted !== undefined) await this.collect(this.#wanted)
  }

  /**
   * Removes the layers that neither an image nor the build cache names, of those that are given or of all; waits for the end
   * of open leases.
   */
  collect(of: readonly string[] | 'all'): Promise<readonly string[]> {
    return this.#gate.run(async () => {
      if (this.#leases > 0) {
        const wanted = this.#wanted ?? []
        this.#wanted = of === 'all' || wanted === 'all' ? 'all' : [...wanted, ...of]
        return []
      }
      this.#wanted = undefined
      const { configs, facts, layers, manifests } = this.#tables
      for (const id of await configs.retired()) if (this.#usersOf(id).length === 0) await this.forget(id)
      const live = await this.#liveLayers()
      const dead = (await layers.list()).filter(
        diffId => !live.has(diffId) && (of === 'all' || of.includes(diffId)),
      )
      for (const diffId of dead) await layers.remove(diffId)
      await facts.keepOnly(new Set((await allConfigs(this.#tables)).keys()))
      await manifests.keepOnly(await this.#liveManifests())
      return dead
    })
  }

  /** Takes an image away; its layers go with the next collection. */
  async forget(id: string): Promise<void> {
    await this.#tables.configs.remove(id)
    await this.#tables.facts.remove(id)
  }

  async #liveManifests(): Promise<ReadonlySet<string>> {
    const { configs, facts } = this.#tables
    const known = await Promise.all((await configs.ids()).map(id => facts.read(id)))
    return new Set(
      known.flatMap(({ manifests, predicates = [] }) =>
        [...manifests, ...predicates].map(({ digest }) => digest),
      ),
    )
  }

  async #liveLayers(): Promise<ReadonlySet<string>> {
    const configs = [...(await allConfigs(this.#tables)).values()]
    const cached = await this.#tables.cache.list()
    const ofImages = configs.flatMap(({ rootfs }) => rootfs.diff_ids)
    return new Set([...ofImages, ...cached.flatMap(([, entry]) => entry.diffId ?? [])])
  }
}
