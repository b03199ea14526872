import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Snapshot, SnapshotRequest } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import {
  imageReferences,
  LABEL,
  type Observed,
  type ObservedContainer,
  type ObservedImage,
  type ObservedNetwork,
  type ObservedVolume,
} from '../../planner/index.ts'
import type { Docker } from '../docker.ts'
import { observedContainer } from './container.ts'
import { observedImage, observedNetwork, observedVolume } from './resources.ts'

export interface ObserveOptions {
  /** Look up the images too; default: if there is a project to know them from. */
  readonly images?: boolean
  /** True: the engine is not ours, or is reached as if it were not. */
  readonly foreignEngine?: boolean
  /** Keeps it for the next one who asks in this thread, and changes nothing of it: one who is told the same need not read it again. */
  readonly keepsLast?: boolean
  /** False: nobody asks what has drifted in the kernel. */
  readonly drift?: boolean
  /**
   * Is given what the engine knows without having looked at the kernel, where that takes a while: meanwhile it may be thought about. If nothing has drifted
   * this very object is what was observed.
   */
  readonly ahead?: (observed: Observed) => void
}

/** The last one that was kept, and the tag of the answer that it was read from. */
interface Kept {
  readonly tag: string
  readonly ours: boolean
  readonly observed: Observed
}

let last: Kept | undefined

/** Containers of a project that is kept, at most: a larger one takes memory that nobody may ask for again. */
const MOST = 300

function keep(each: Kept): void {
  last = each.observed.containers.length > MOST ? undefined : each
}

/** Has nothing kept any more: who changes a project leaves it otherwise than it was observed. */
export function forgetObserved(): void {
  last = undefined
}

/** Takes the snapshot that plans are made from; a name alone is enough for commands without a Compose file. */
export async function observe(
  docker: Docker,
  project: Project | string,
  options: ObserveOptions = {},
): Promise<Observed> {
  const name = typeof project === 'string' ? project : project.name
  const model = typeof project === 'string' ? undefined : project
  const ours = options.foreignEngine !== true
  const references = model !== undefined && options.images !== false ? imageReferences(model) : []
  const atOnce = await observeAtOnce(docker, name, requestOf(name, model, references), { ...options, ours })
  if (atOnce !== undefined) {
    if (options.keepsLast === true) keep(atOnce)
    return atOnce.observed
  }
  const [containers, networks, volumes, images] = await Promise.all([
    observeContainers(docker, name, ours),
    observeNetworks(docker, name, model),
    observeVolumes(docker, name, model),
    observeImages(docker, references),
  ])
  return { project: name, containers, networks, volumes, images }
}

/** All in one call, or in two where there is something to think about meanwhile; undefined where the engine gives nobody all at once. */
async function observeAtOnce(
  docker: Docker,
  name: string,
  asked: SnapshotRequest,
  { ours, keepsLast, drift, ahead }: ObserveOptions & { readonly ours: boolean },
): Promise<Kept | undefined> {
  const known = keepsLast === true && last?.observed.project === name && last.ours === ours ? last : undefined
  const request = {
    ...asked,
    ...(drift === undefined ? {} : { Drift: drift }),
    ...(ahead === undefined || known !== undefined ? {} : { Ahead: true }),
  }
  const read = (told: Snapshot): Kept => ({
    tag: told.Tag,
    ours,
    observed: observedSnapshot(name, told, ours),
  })
  const told = await snapshot(docker, { ...request, ...(known === undefined ? {} : { Tag: known.tag }) })
  if (told === undefined || told === 'same') return told && known
  if (told.Begun !== true) return read(told)
  const before = read(told)
  const [found] = await Promise.all([
    snapshot(docker, { ...request, Tag: before.tag }),
    // The call is on its way before anybody thinks.
    nextTurn().then(() => ahead?.(before.observed)),
  ])
  return found === undefined || found === 'same' ? found && before : read(found)
}

/** All in one call, or that it is the one with this tag; undefined where the engine is another's, or shows us a part of it alone: then each thing is asked for. */
async function snapshot(docker: Docker, request: SnapshotRequest): Promise<Snapshot | 'same' | undefined> {
  try {
    const told = await docker.snapshot?.(request)
    return told === undefined || 'Containers' in told ? told : 'same'
  } catch (error) {
    if (error instanceof Failure && (error.kind === 'notFound' || error.kind === 'unauthorized'))
      return undefined
    throw error
  }
}

function requestOf(name: string, project: Project | undefined, Images: readonly string[]): SnapshotRequest {
  return {
    Labels: [`${LABEL.project}=${name}`],
    Networks: Object.values(project?.model.networks ?? {}).map(network => network.name),
    Volumes: Object.values(project?.model.volumes ?? {}).map(volume => volume.name),
    Images,
  }
}

function observedSnapshot(
  project: string,
  { Containers, Networks, Volumes, Images, Names = [] }: Omit<Snapshot, 'Tag'>,
  ours: boolean,
): Observed {
  return {
    project,
    containers: Containers.map(each => observedContainer(each, ours)),
    networks: Networks.map(observedNetwork),
    volumes: Volumes.map(observedVolume),
    images: Object.fromEntries(
      Object.entries(Images).map(([reference, image]): [string, ObservedImage] => [
        reference,
        observedImage(image),
      ]),
    ),
    ...(ours ? { names: Names } : {}),
  }
}

function ofProject(name: string): { label: string[] } {
  return { label: [`${LABEL.project}=${name}`] }
}

async function observeContainers(docker: Docker, name: string, ours: boolean): Promise<ObservedContainer[]> {
  const summaries = await docker.listContainers({ all: true, filters: ofProject(name) })
  const inspects = await Promise.all(
    summaries.map(summary =>
      orUndefined(() => docker.getContainer(summary.Id).inspect({ TscomposeDrift: true })),
    ),
  )
  return inspects.flatMap(inspect => (inspect === undefined ? [] : [observedContainer(inspect, ours)]))
}

/** The project's networks, and others that have a name which the project uses: those are reused, or in the way. */
async function observeNetworks(
  docker: Docker,
  name: string,
  project: Project | undefined,
): Promise<ObservedNetwork[]> {
  const own = await docker.listNetworks({ filters: ofProject(name) })
  const known = new Set(own.map(network => network.Name))
  const wanted = Object.values(project?.model.networks ?? {})
    .map(network => network.name)
    .filter(wantedName => !known.has(wantedName))
  // The list leaves out who is attached.
  const found = await Promise.all(
    [...own.map(network => network.Id), ...wanted].map(id =>
      orUndefined(() => docker.getNetwork(id).inspect()),
    ),
  )
  const seen = new Set<string>()
  return found.flatMap(network => {
    if (network === undefined || seen.has(network.Id)) return []
    seen.add(network.Id)
    return [observedNetwork(network)]
  })
}

async function observeVolumes(
  docker: Docker,
  name: string,
  project: Project | undefined,
): Promise<ObservedVolume[]> {
  const own = (await docker.listVolumes({ filters: ofProject(name) })).Volumes ?? []
  const known = new Set(own.map(volume => volume.Name))
  const wanted = Object.values(project?.model.volumes ?? {}).filter(volume => !known.has(volume.name))
  const others = await Promise.all(
    wanted.map(volume => orUndefined(() => docker.getVolume(volume.name).inspect())),
  )
  return [...own, ...others].flatMap(volume => (volume === undefined ? [] : [observedVolume(volume)]))
}

async function observeImages(
  docker: Docker,
  references: readonly string[],
): Promise<Readonly<Record<string, ObservedImage>>> {
  const images = await Promise.all(
    references.map(async (reference): Promise<[string, ObservedImage][]> => {
      const image = await orUndefined(() => docker.getImage(reference).inspect())
      return image === undefined ? [] : [[reference, observedImage(image)]]
    }),
  )
  return Object.fromEntries(images.flat())
}

/** What was listed may be gone when it is inspected: that is no error. */
async function orUndefined<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Failure && error.kind === 'notFound') return undefined
    throw error
  }
}
