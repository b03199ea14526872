import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Drift } from '../../api/types/index.ts'
import { factsOf } from './facts.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * Folders on disk that a running container is made of, which the kernel goes on with when somebody has removed them: layers of its image,
 * its writable layer. Nothing can be put back under it; what is lost, and when, is told.
 */
export const STORES: Thing<ContainerSight> = {
  paths: ['image', 'root'],
  basis: ({ made, seen }) =>
    seen?.stores?.length && seen.layers?.length ? [made, seen.stores, seen.layers] : undefined,
  observe(sight) {
    const facts = factsOf(sight)
    if (facts === undefined) return undefined
    // The look has found each of them.
    if (sight.seen?.stores?.length && sight.seen.layers?.length) return []
    const { config } = sight.container.record
    const { layers, upper } = facts.spec.root
    const lost = layers.filter(folder => !existsSync(folder))
    return [
      ...lost.map((folder): Drift => {
        const Want = `${basename(dirname(folder))} of ${config.Image ?? 'its image'}`
        return {
          Path: 'image.layer',
          Want,
          Got: 'removed: files that it has not read yet are lost',
          Repair: 'none',
        }
      }),
      ...(existsSync(upper)
        ? []
        : [
            {
              Path: 'root.writable',
              Want: upper,
              Got: 'removed: what it writes goes with it',
              Repair: 'none',
            } satisfies Drift,
          ]),
    ]
  },
}
