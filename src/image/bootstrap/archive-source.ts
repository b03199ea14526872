import type { ImageSource } from '../source.ts'

/** debian:* and ubuntu:* from the distribution's own package archive. */
export function archiveSource(): ImageSource {
  return {
    name: 'archive',
    fetch: async () => ({ unavailable: 'not written yet' }),
  }
}
