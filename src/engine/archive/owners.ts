import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import type { TarEntry } from '../../tar/index.ts'
import { hasMappedIds } from '../groups/user-mapping.ts'
import { hasOwnerMap } from '../mounts/bind-owner.ts'
import { describeMount } from '../mounts/prepare.ts'
import { type Owner, USERNS_IDS } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { isWithin } from './location.ts'

/** Gives an entry of an archive the owner that it is to be written with. */
export type OwnerChoice = (entry: TarEntry) => TarEntry

/** A mount that an entry may lie in. */
interface Place {
  readonly mount: MountRecord
  /** Who its files are shown as belonging to its owner are. */
  readonly shownAs?: Owner
}

/**
 * Owners of what is unpacked to `folder`. What is the caller's, in a bind whose files are shown as the container's user's, is written as
 * that user's, and so is the caller's on disk. An id that the container's user namespace does not have is its root's: the kernel
 * writes no other. The sources of binds of a container that does not run are written to as they are on disk, with any id.
 */
export async function chooseOwners(
  engine: EngineContext,
  container: Container,
  folder: string,
): Promise<OwnerChoice> {
  const { owner } = container.terms.mounts
  const [isMapped, places] = await Promise.all([hasMappedIds(engine, container), placesOf(engine, container)])
  const placeOf = ({ name }: TarEntry): Place | undefined => {
    const path = posix.join(folder, Buffer.from(name, 'latin1').toString())
    return places.findLast(({ mount }) => isWithin(path, mount.destination))
  }
  return entry => {
    const { uid, gid } = entry
    const isCallers = owner !== undefined && (uid === owner.uid || gid === owner.gid)
    if (!isCallers && Math.max(uid, gid) < USERNS_IDS) return entry
    const { mount, shownAs } = placeOf(entry) ?? {}
    const shown = (id: number, which: 'uid' | 'gid'): number =>
      owner !== undefined && shownAs !== undefined && id === owner[which] ? shownAs[which] : id
    const isKept = !isMapped || (!container.running && mount?.type === 'bind')
    const written = (id: number): number => (isKept || id < USERNS_IDS ? id : 0)
    return { ...entry, uid: written(shown(uid, 'uid')), gid: written(shown(gid, 'gid')) }
  }
}

/** The outermost first. */
async function placesOf(engine: EngineContext, container: Container): Promise<Place[]> {
  const mounts = [...container.record.mounts].sort((a, b) => a.destination.length - b.destination.length)
  const { owner } = container.terms.mounts
  const { live } = container
  if (owner === undefined || !container.running || live === undefined) return mounts.map(mount => ({ mount }))
  const { user } = (await live.spec()).process
  const places: Place[] = []
  for (const mount of mounts) {
    const isShown =
      mount.type === 'bind' &&
      existsSync(mount.source) &&
      (await hasOwnerMap(engine, owner, await describeMount(engine, mount)))
    places.push(isShown ? { mount, shownAs: user } : { mount })
  }
  return places
}
