import type { ImageSource } from '../source.ts'
import { releaseOf } from './distribution.ts'

/** debian:* and ubuntu:* from the distribution's own package archive, for machines that reach no registry. */
export function archiveSource(): ImageSource {
  return {
    name: 'archive',
    fetch: async (reference, context) => {
      const release = releaseOf(reference)
      if (release === undefined)
        return { unavailable: 'only releases of debian and ubuntu are made from their archive' }
      const { bootstrap } = await import('./bootstrap.ts')
      return bootstrap(reference, release, context)
    },
  }
}
