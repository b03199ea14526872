import { lstatSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import type { RuntimeMount, RuntimeSpec } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { warningOf } from '../state/notices.ts'
import type { BindOwner } from '../terms/mounts.ts'

/** Mounts of a container, and whose files some of them have. */
export type OwnedMounts = Pick<RuntimeSpec, 'mounts' | 'bindOwner'>

/**
 * Says of each bind whether its files are to be those of the container's user, where the request names an owner. A file system
 * that cannot map ids is told of (BIND_OWNER): there what the container writes is its user's.
 */
export async function withOwner(
  engine: Pick<EngineContext, 'userNamespaces' | 'warn'>,
  container: Pick<Container, 'name' | 'terms' | 'record'>,
  mounts: readonly RuntimeMount[],
  user: { readonly uid: number; readonly gid: number },
): Promise<OwnedMounts> {
  const { name, terms } = container
  const { owner } = terms.mounts
  if (owner === undefined || (owner.uid === user.uid && owner.gid === user.gid)) return { mounts }
  const owned: RuntimeMount[] = []
  for (const mount of mounts) {
    if (mount.kind !== 'bind' || !isMeant(mount.source, owner)) owned.push(mount)
    else if (await hasOwnerMap(engine, owner, mount)) owned.push({ ...mount, owned: true })
    else {
      owned.push(mount)
      const summary = `files that ${name} makes in "${mount.source}" are its user's, ${user.uid}:${user.gid}, and not ${owner.uid}:${owner.gid}'s: ${fileSystemAt(mount.source)} cannot map ids`
      engine.warn(warningOf(container, { code: 'BIND_OWNER', summary }))
    }
  }
  return { mounts: owned, bindOwner: { uid: owner.uid, gid: owner.gid } }
}

/** Whether the files of a mount are shown as others' where its container names an owner: a bind that is meant, on a file system that maps ids. */
export async function hasOwnerMap(
  engine: Pick<EngineContext, 'userNamespaces'>,
  owner: BindOwner,
  mount: RuntimeMount,
): Promise<boolean> {
  if (mount.kind !== 'bind' || !isMeant(mount.source, owner)) return false
  return (await engine.userNamespaces.unmappable([mount])) === undefined
}

/** Whether a source is in the owner's hands, as far as that is asked: it, or a folder above it, is his. */
function isMeant(source: string, { uid, ownAlone }: BindOwner): boolean {
  return !ownAlone || placesAbove(source).some(path => ownerOf(path) === uid)
}

/** A path and all folders above it but `/`. */
function placesAbove(path: string): string[] {
  return path === '/' ? [] : [path, ...placesAbove(dirname(path))]
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path).uid
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** `the file system overlay`, by the mount that a path is on. */
function fileSystemAt(path: string): string {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  const above = (place: string): boolean => `${path}/`.startsWith(place === '/' ? '/' : `${place}/`)
  const on = mounts
    .filter(({ mountpoint }) => above(mountpoint))
    .reduce((best, each) => (each.mountpoint.length >= best.mountpoint.length ? each : best))
  return `the file system ${on.type}`
}
