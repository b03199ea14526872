import { mkdirSync } from 'node:fs'
import { posix } from 'node:path'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { isWithin, mountLayers, ROOT, rootLayers } from './location.ts'
import { lookUp } from './lookup.ts'
import { nameIn, type Part } from './mounted.ts'

/**
 * Which of these files a container would not see in the folders that they are put into, since a tmpfs or an image is mounted around them, or the /dev that
 * each has. What a bind or a volume has is put into its source. Links of its file system count: `/var/run/x` is in a tmpfs at `/run`.
 */
export async function coveredFiles(
  engine: EngineContext,
  container: Container,
  files: readonly string[],
): Promise<readonly string[]> {
  const { mounts } = container.record
  const hides = mounts.filter(({ type }) => type === 'tmpfs' || type === 'image')
  if (hides.length === 0 && !files.some(file => isWithin(file, '/dev'))) return []
  const places = mounts.map(({ destination }) => destination)
  const resolved = await resolveAll(engine, container, [...files, ...places.map(place => `${place}/.`)])
  const around = new Map([['/dev', true]])
  for (const mount of mounts)
    around.set(posix.normalize(resolved(`${mount.destination}/.`)), hides.includes(mount))
  return files.filter(file => {
    const [inner] = [...around].filter(([place]) => isWithin(resolved(file), place)).sort(deepestFirst)
    return inner?.[1] === true
  })
}

function deepestFirst([a]: readonly [string, boolean], [b]: readonly [string, boolean]): number {
  return b.length - a.length
}

/** Each path with the links of its folders followed, as far as these are there. */
async function resolveAll(
  engine: EngineContext,
  container: Container,
  paths: readonly string[],
): Promise<(path: string) => string> {
  const folders = [...new Set(paths.flatMap(foldersOf))]
  const root = mountLayers(ROOT, await rootLayers(engine, container))
  const found = await lookUp(engine.native, root, folders, true)
  const places = new Map(folders.map((folder, index) => [folder, found[index]?.path]))
  return path => {
    const deepest = foldersOf(path).find(folder => places.get(folder) !== undefined)
    if (deepest === undefined) return path
    return posix.join('/', places.get(deepest) ?? '', path.slice(deepest.length))
  }
}

/** The folders that a path lies in, the deepest first. */
function foldersOf(path: string): string[] {
  const folder = posix.dirname(path)
  return folder === '/' ? [] : [folder, ...foldersOf(folder)]
}

/**
 * What takes the covered files of an archive for `folder`: the folder whose files the container's starts mount over the mounts
 * (`ContainerPaths.overMounts`).
 */
export function coveredPart({ paths }: Container, folder: string, covered: readonly string[]): Part[] {
  if (covered.length === 0) return []
  mkdirSync(paths.overMounts, { mode: 0o700, recursive: true })
  const names = new Map(covered.map(path => [nameIn(folder, path), nameIn('/', path)]))
  return [
    {
      open: [{ op: 'open', slot: ROOT, path: paths.overMounts, kind: 'folder' }],
      readonly: false,
      nameInside: (name, type) => (type === 'file' ? names.get(name) : undefined),
    },
  ]
}
