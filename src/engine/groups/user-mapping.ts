import { Failure } from '../../diagnostics/index.ts'
import { answeredStat } from '../../linux/answered-stat.ts'
import { firstProcessOf } from '../../native/index.ts'
import { resolveUser } from '../rootfs/index.ts'
import type { RuntimeMount, UserNamespace } from '../runtime/index.ts'
import { type Owner, USERNS_IDS } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { RunIds } from '../state/user-namespaces.ts'
import { hasHighIds, type MappedTerms, needsHostIds } from '../terms/user-namespace.ts'
import { joinedBy } from './namespaces.ts'
import { groupOf } from './user-group.ts'

/** Whose ids a run has: a namespace, or the host's. */
export interface Mapping {
  readonly ids: RunIds
  /** Absent: the host's. */
  readonly namespace?: UserNamespace
}

/** What is found out before. */
export interface MappedParts {
  readonly terms: MappedTerms
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
  readonly mounts: readonly RuntimeMount[]
  /** Whose files are the container's user's in those mounts that are owned. */
  readonly bindOwner?: Owner
  /** The highest number of an owner in its image. */
  readonly highestId: number
}

type Context = Pick<EngineContext, 'containers' | 'userNamespaces'>

/**
 * The user namespace that a container runs in: that of whom it joins, else that of its group. It is the host's where that was
 * asked for, and where something of the container works in no other.
 */
export async function mappingOf(engine: Context, container: Container, parts: MappedParts): Promise<Mapping> {
  const why = (await whyHost(engine, parts)) ?? (await ownedAbove(parts))
  if (why !== undefined) return { ids: why }
  const joined = joinedBy(engine.containers, container)
  const others = joined.flatMap(each => currentNamespace(each) ?? [])
  const [first, ...rest] = others
  const host = joined.find(each => currentNamespace(each) === undefined)
  if (host !== undefined) {
    return { ids: { reason: `it joins ${host.name}, which is in the host's user namespace` } }
  }
  if (rest.some(each => each.first !== first?.first)) {
    return { ids: { reason: 'those whom it joins are in several user namespaces' } }
  }
  const { ids } = joined[0]?.record.state ?? {}
  if (first !== undefined && ids !== undefined) return { ids, namespace: first }
  return await ofGroup(engine, groupOf(container))
}

/** The same of what joins nobody. */
export async function ofGroup(engine: Context, group: string): Promise<Mapping> {
  const namespace = await engine.userNamespaces.of(group)
  return { ids: { group, first: namespace.first }, namespace }
}

/**
 * Holds the namespace that a container is in, whose rights its network is under, for who keeps that network beyond the run: it ends
 * with the group's last container, and an engine that follows one that was killed does not hold it.
 */
export async function holdNamespace(engine: Context, { active, record }: Container): Promise<void> {
  const { ids } = record.state
  if (active && ids !== undefined && 'group' in ids) await engine.userNamespaces.of(ids.group)
}

/** Has the namespace of a container's group made while it is being made itself: most creates are followed by a start. */
export function warmNamespace(engine: Context, container: Container): void {
  const { terms } = container
  if (terms.namespaces.hostIds || needsHostIds(terms) !== undefined) return
  warmGroup(engine, groupOf(container))
}

/** The same before there is a container. */
export function warmGroup({ userNamespaces }: Pick<Context, 'userNamespaces'>, group: string): void {
  const made = userNamespaces
    .refusal()
    .then(refused => (refused === undefined ? userNamespaces.of(group) : undefined))
  // The start asks again, and tells.
  made.catch(() => undefined)
}

/** Why the ids must be the host's, whoever is joined. */
export async function whyHost(engine: Context, parts: MappedParts): Promise<RunIds | undefined> {
  const { terms, user, mounts, highestId } = parts
  if (terms.namespaces.hostIds) return { reason: 'userns_mode is host', asked: true }
  const refused = await engine.userNamespaces.refusal()
  if (refused !== undefined) return refused
  const reason =
    needsHostIds(terms) ?? hasHighIds([user.uid, user.gid, ...user.groups, highestId]) ?? propagating(mounts)
  if (reason !== undefined) return { reason }
  const source = await engine.userNamespaces.unmappable(mounts)
  return source === undefined ? undefined : { reason: `the file system of "${source}" cannot map ids` }
}

/**
 * Whether a container's ids are those of a user namespace, as far as that is known of one that does not run: its last run had one, or nothing but
 * its mounts and whom it joins can keep the first from having one.
 */
export async function hasMappedIds(
  engine: Context & Pick<EngineContext, 'images' | 'users'>,
  container: Container,
): Promise<boolean> {
  if (container.running) return currentNamespace(container) !== undefined
  const { imageId, state } = container.record
  if (state.ids !== undefined) return 'group' in state.ids
  const { terms, paths } = container
  const { user: given, groupAdd } = terms.process
  try {
    const user = resolveUser(given, await engine.users.ofContainer(imageId, paths), groupAdd)
    const highestId = await engine.images.highestIdOf(imageId)
    return (await whyHost(engine, { terms, user, mounts: [], highestId })) === undefined
  } catch (error) {
    // A user that the image does not have: its start says so.
    if (error instanceof Failure) return true
    throw error
  }
}

/**
 * That the folder of a bind or volume is somebody's whom no user namespace of containers has: to the root of one it would be closed.
 * What lies in it is not looked at. Steps of builds have such ids.
 */
async function ownedAbove({ mounts, bindOwner }: MappedParts): Promise<RunIds | undefined> {
  for (const mount of mounts) {
    if (mount.kind !== 'bind' && mount.kind !== 'volume') continue
    const { uid, gid } = await answeredStat(mount.source)
    const isMapped = (id: number, owner: number | undefined): boolean =>
      id < USERNS_IDS || (mount.owned === true && id === owner)
    if (isMapped(uid, bindOwner?.uid) && isMapped(gid, bindOwner?.gid)) continue
    return {
      reason: `"${mount.source}", at ${mount.target}, belongs to ${uid}:${gid}, which is above ${USERNS_IDS - 1}`,
    }
  }
  return undefined
}

/** The namespace of a container that runs, by its first process; undefined where it is the host's. */
export function currentNamespace(container: Container): UserNamespace | undefined {
  const { ids } = container.record.state
  const status = container.running ? container.live?.status : undefined
  if (status === undefined || ids === undefined || !('first' in ids)) return undefined
  const { pid, startTime } = firstProcessOf(status)
  return { path: `/proc/${pid}/ns/user`, pid, startTime, first: ids.first }
}

/** What the host mounts there later comes as it is. */
function propagating(mounts: readonly RuntimeMount[]): string | undefined {
  const told = mounts.find(
    mount =>
      (mount.kind === 'bind' || mount.kind === 'volume') && (mount.propagation ?? 'private') !== 'private',
  )
  return told === undefined
    ? undefined
    : `what is mounted below the source of ${told.target} later keeps its ids`
}
