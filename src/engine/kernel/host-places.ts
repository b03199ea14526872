import { readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, Failure } from '../../diagnostics/index.ts'
import { answeredStat } from '../../linux/answered-stat.ts'
import { type MountEntry, parseMountinfo } from '../../linux/mountinfo.ts'
import { onceAMoment } from './moment.ts'
import type { HostPlace } from './mount-claims.ts'

const TABLE = { path: '/proc/self/mountinfo' } as const

const textNow = onceAMoment(({ path }: typeof TABLE) => readFileSync(path, 'utf8'))

let parsed: { readonly text: string; readonly entries: readonly MountEntry[] } | undefined

/** The host's table of mounts, read once for all who ask in one moment; the same object while it says the same. */
export function hostMounts(): readonly MountEntry[] {
  const text = textNow(TABLE)
  if (parsed?.text !== text) parsed = { text, entries: parseMountinfo(text) }
  return parsed.entries
}

const byPlace = new WeakMap<readonly MountEntry[], ReadonlyMap<string, MountEntry>>()

/** Mounts by where they are: of several the last one covers the others. */
function placesIn(mounts: readonly MountEntry[]): ReadonlyMap<string, MountEntry> {
  const known = byPlace.get(mounts) ?? new Map(mounts.map(each => [each.mountpoint, each]))
  byPlace.set(mounts, known)
  return known
}

/** Where an absolute path without links lies. */
export function placeOn(mounts: readonly MountEntry[], path: string): HostPlace | undefined {
  const places = placesIn(mounts)
  let at = path.length > 1 ? path.replace(/\/+$/, '') : path
  while (at.length > 1 && !places.has(at)) at = dirname(at)
  const mount = places.get(at)
  if (mount === undefined) return undefined
  const below = mount.mountpoint === '/' ? path : path.slice(mount.mountpoint.length)
  const root = mount.root === '/' ? below || '/' : `${mount.root}${below === '/' ? '' : below}`
  return { device: mount.device, root, isReadonly: mount.attributes.includes('ro') }
}

/** Paths of the host with all links followed; undefined for what is not there, the path itself for what does not answer. */
export async function resolveAll(paths: readonly string[]): Promise<Map<string, string | undefined>> {
  return new Map(await Promise.all(paths.map(async path => [path, await resolve(path)] as const)))
}

async function resolve(path: string): Promise<string | undefined> {
  try {
    await answeredStat(path)
    return realpathSync.native(path)
  } catch (error) {
    if (error instanceof Failure) return path
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** A path of /proc or /sys with its links followed, as this machine has it: the kernel's files are the same in a container. */
export const kernelPath: (path: string) => string | undefined = onceAMoment(path => {
  if (!/^\/(proc|sys)\//.test(path)) return undefined
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
})
