import type { FileSystem } from '../contract.ts'

/** Names of a Compose file, strongest first. */
export const FILE_NAMES: readonly string[] = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
]

/** Names of the file that is laid over it without being named. */
const OVERRIDE_NAMES: readonly string[] = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]

/** What was found: the file with its override, and what else could have been meant. */
export interface Discovery {
  readonly files: readonly string[]
  readonly ignored: readonly string[]
}

/** Looks for a Compose file in a folder and its parents; undefined when there is none. */
export function discover(folder: string, fileSystem: FileSystem): Discovery | undefined {
  for (let at = folder; ; at = parentOf(at)) {
    const found = FILE_NAMES.map(name => join(at, name)).filter(path => fileSystem.exists(path))
    const [file, ...ignored] = found
    if (file !== undefined) {
      const overrides = OVERRIDE_NAMES.map(name => join(at, name)).filter(path => fileSystem.exists(path))
      return { files: [file, ...overrides.slice(0, 1)], ignored: [...ignored, ...overrides.slice(1)] }
    }
    if (at === '/') return undefined
  }
}

/** The folder above; the root is its own parent. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}
