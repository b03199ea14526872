import type { ImageSource } from '../source.ts'

/** The place of the registry client. This version has none, and says so instead of trying. */
export function registrySource(): ImageSource {
  return {
    name: 'registry',
    fetch: async reference => ({
      unavailable: `pulling from "${reference.domain}" is not in this version`,
    }),
  }
}
