import { createHash } from 'node:crypto'
import { Failure } from '../../../diagnostics/index.ts'
import type { Backend } from '../../backend/backend.ts'
import type { SameSnapshot, Snapshot, SnapshotRequest } from '../../types/index.ts'
import { keptText } from '../answer/write.ts'
import { takeShape } from '../decode/shape.ts'
import { SNAPSHOT, takeRepair } from '../decode/shapes.ts'
import type { Handlers } from '../handler.ts'

/** Ours: all that a plan is made from in one answer, where Docker has a call for each thing; and what it puts right in the kernel. */
export function snapshotHandlers(
  backend: Backend,
): Handlers<'snapshot' | 'containerRepair' | 'networkRepair' | 'containerRelieve' | 'containerDrain'> {
  return {
    snapshot: async ({ body }) => {
      const request = takeShape(SNAPSHOT, body).body
      await backend.system.settled(request.Labels ?? [])
      const [Containers, Networks, Volumes, Images] = await Promise.all([
        containersOf(backend, request),
        networksOf(backend, request),
        volumesOf(backend, request),
        imagesOf(backend, request),
      ])
      const Names = backend.system.namesTold(request.Labels ?? [])
      return tagged(
        { Containers, Networks, Volumes, Images, ...(Names === undefined ? {} : { Names }) },
        request.Tag,
      )
    },
    containerRepair: ({ params, body }) =>
      backend.containers.repair(params.id, takeRepair(body)).then(() => undefined),
    containerRelieve: ({ params }) => backend.containers.relieve(params.id).then(() => undefined),
    containerDrain: ({ params, query }) => backend.containers.drain(params.id, query.t).then(() => undefined),
    networkRepair: ({ params, body }) =>
      backend.networks.repair(params.id, takeRepair(body)).then(() => undefined),
  }
}

/** With what tells it from all others: a digest of its text. Of the one that the client has only that is told, which it need not read again. */
function tagged(snapshot: Omit<Snapshot, 'Tag'>, known: string | undefined): Snapshot | SameSnapshot {
  const digest = createHash('sha256')
  for (const part of Object.values(snapshot)) digest.update(keptText(Object.freeze(part)))
  const Tag = digest.digest('base64url')
  return Tag === known ? { Tag } : { Tag, ...snapshot }
}

async function containersOf(
  { containers }: Backend,
  { Labels = [], Drift: drift = true }: Partial<SnapshotRequest>,
): Promise<Snapshot['Containers']> {
  const ids = await containers.idsOf({ label: Labels }, true)
  return whatIsThere(ids, id => containers.planned(id, drift))
}

/** The list leaves out who is attached. */
async function networksOf(
  { networks }: Backend,
  { Labels = [], Networks = [], Drift: drift = true }: Partial<SnapshotRequest>,
): Promise<Snapshot['Networks']> {
  const listed = await networks.list({ filters: { label: Labels }, containers: false })
  const known = new Set(listed.map(({ Name }) => Name))
  const others = Networks.filter(name => !known.has(name))
  // One look for each: those that are listed are most often all that are named.
  const found = await whatIsThere([...listed.map(({ Id }) => Id), ...others], id =>
    networks.inspect(id, { drift }),
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
