import { createHash } from 'node:crypto'
import { Failure } from '../../../diagnostics/index.ts'
import type { Backend } from '../../backend/backend.ts'
import type {
  SameSnapshot,
  Snapshot,
  SnapshotContents,
  SnapshotRequest,
  WantedDrift,
} from '../../types/index.ts'
import { keptText } from '../answer/write.ts'
import { takeShape } from '../decode/shape.ts'
import { SNAPSHOT, takeRepair } from '../decode/shapes.ts'
import type { Handlers } from '../handler.ts'

/** Ours: all that a plan is made from in one answer, where Docker has a call for each thing; and what it puts right in the kernel. */
export function snapshotHandlers(
  backend: Backend,
): Handlers<'snapshot' | 'containerRepair' | 'networkRepair' | 'containerRelieve' | 'containerDrain'> {
  const looks = new BegunLooks()
  return {
    snapshot: async ({ body, connection }) => {
      const request = takeShape(SNAPSHOT, body).body
      const { Labels = [], Tag } = request
      if (Tag !== undefined && (await looks.take(connection, request)) === 'nothing') return { Tag }
      await backend.system.settled(Labels)
      if (!(await isWorthAhead(backend, request)))
        return tagged(await snapshotOf(backend, request, request.Drift === false ? 'untold' : 'seen'), Tag)
      const look = driftIn(backend, request)
      // Whoever asks for it is told how it has failed; who has gone need not be.
      look.catch(() => undefined)
      await backend.containers.beingLookedAt()
      const ahead = tagged(await snapshotOf(backend, request, 'none'))
      looks.keep(connection, { ...request, Tag: ahead.Tag }, look)
      return { ...ahead, Begun: true }
    },
    containerRepair: ({ params, body }) =>
      backend.containers.repair(params.id, takeRepair(body)).then(() => undefined),
    containerRelieve: ({ params }) => backend.containers.relieve(params.id).then(() => undefined),
    containerDrain: ({ params, query }) => backend.containers.drain(params.id, query.t).then(() => undefined),
    networkRepair: ({ params, body }) =>
      backend.networks.repair(params.id, takeRepair(body)).then(() => undefined),
  }
}

/** What a look at the kernel has found otherwise than what its client was told ahead of it. */
type Look = Promise<'nothing' | 'something'>

/** Looks that clients were answered ahead of, by the connection over which they ask for what was found: one of each, and once. */
class BegunLooks {
  readonly #begun = new WeakMap<object, { readonly of: string; readonly look: Look }>()

  /** `request`: the one that is to come, with the tag of the answer ahead. */
  keep(connection: object, request: Partial<SnapshotRequest>, look: Look): void {
    this.#begun.set(connection, { of: JSON.stringify(request), look })
  }

  /** Undefined where nothing was begun for this request. */
  take(connection: object, request: Partial<SnapshotRequest>): Look | undefined {
    const begun = this.#begun.get(connection)
    this.#begun.delete(connection)
    return begun?.of === JSON.stringify(request) ? begun.look : undefined
  }
}

/** Fewer containers are looked at sooner than a client reads what is known of them. */
const MANY = 10

async function isWorthAhead(
  { containers }: Backend,
  { Labels = [], Ahead, Tag, Drift }: Partial<SnapshotRequest>,
): Promise<boolean> {
  if (Ahead !== true || Tag !== undefined || Drift === false) return false
  return (await containers.idsOf({ label: Labels }, true)).length >= MANY
}

/** Whether the kernel has anything otherwise; of what is gone meanwhile that is not asked. */
async function driftIn(
  backend: Backend,
  request: Partial<SnapshotRequest>,
): Promise<'nothing' | 'something'> {
  const { containers } = backend
  const ids = await containers.idsOf({ label: request.Labels ?? [] }, true)
  const [lists, networks] = await Promise.all([
    whatIsThere(ids, id => containers.drift(id)),
    networksOf(backend, request, 'seen'),
  ])
  const isNone =
    lists.length === ids.length &&
    lists.every(list => list.length === 0) &&
    networks.every(({ TscomposeDrift = [] }) => TscomposeDrift.length === 0)
  return isNone ? 'nothing' : 'something'
}

async function snapshotOf(
  backend: Backend,
  request: Partial<SnapshotRequest>,
  drift: WantedDrift,
): Promise<SnapshotContents> {
  const [Containers, Networks, Volumes, Images] = await Promise.all([
    containersOf(backend, request, drift),
    networksOf(backend, request, drift),
    volumesOf(backend, request),
    imagesOf(backend, request),
  ])
  const Names = backend.system.namesTold(request.Labels ?? [])
  return { Containers, Networks, Volumes, Images, ...(Names === undefined ? {} : { Names }) }
}

/** With what tells it from all others: a digest of its text. Of the one that the client has only that is told, which it need not read again. */
function tagged(snapshot: SnapshotContents): Snapshot
function tagged(snapshot: SnapshotContents, known: string | undefined): Snapshot | SameSnapshot
function tagged(snapshot: SnapshotContents, known?: string): Snapshot | SameSnapshot {
  const digest = createHash('sha256')
  for (const part of Object.values(snapshot)) digest.update(keptText(Object.freeze(part)))
  const Tag = digest.digest('base64url')
  return Tag === known ? { Tag } : { Tag, ...snapshot }
}

async function containersOf(
  { containers }: Backend,
  { Labels = [] }: Partial<SnapshotRequest>,
  drift: WantedDrift,
): Promise<Snapshot['Containers']> {
  const ids = await containers.idsOf({ label: Labels }, true)
  return whatIsThere(ids, id => containers.planned(id, drift))
}

/** The list leaves out who is attached. */
async function networksOf(
  { networks }: Backend,
  { Labels = [], Networks = [] }: Partial<SnapshotRequest>,
  drift: WantedDrift,
): Promise<Snapshot['Networks']> {
  const listed = await networks.list({ filters: { label: Labels }, containers: false })
  const known = new Set(listed.map(({ Name }) => Name))
  const others = Networks.filter(name => !known.has(name))
  // One look for each: those that are listed are most often all that are named.
  const found = await whatIsThere([...listed.map(({ Id }) => Id), ...others], id =>
    networks.inspect(id, { drift: drift === 'seen' }),
  )
  return [...new Map(found.map(network => [network.Id, network])).values()]
}

async function volumesOf(
  { volumes }: Backend,
  { Labels = [], Volumes = [] }: Partial<SnapshotRequest>,
): Promise<Snapshot['Volumes']> {
  const listed = (await volumes.list({ filters: { label: Labels } })).Volumes ?? []
  const known = new Set(listed.map(({ Name }) => Name))
  const others = Volumes.filter(name => !known.has(name))
  return [...listed, ...(await whatIsThere(others, name => volumes.inspect(name)))]
}

async function imagesOf(
  { images }: Backend,
  { Images = [] }: Partial<SnapshotRequest>,
): Promise<Snapshot['Images']> {
  const found = await whatIsThere(
    Images,
    async name => [name, await images.inspect(name, undefined, false)] as const,
  )
  return Object.fromEntries(found)
}

/** What was listed, or named, may not be there: that is no error. */
async function whatIsThere<T, R>(things: readonly T[], look: (thing: T) => Promise<R>): Promise<R[]> {
  const found = await Promise.all(
    things.map(async thing => {
      try {
        return [await look(thing)]
      } catch (error) {
        if (error instanceof Failure && error.kind === 'notFound') return []
        throw error
      }
    }),
  )
  return found.flat()
}
