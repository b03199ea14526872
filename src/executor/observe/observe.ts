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
import { type LookOptions, observeAtOnce } from './at-once.ts'
import { observedContainer } from './container.ts'
import { observedImage, observedNetwork, observedVolume } from './resources.ts'

export interface ObserveOptions extends LookOptions {
  /** Look up the images too; default: if there is a project to know them from. */
  readonly images?: boolean
  /** True: the engine is not ours, or is reached as if it were not. */
  readonly foreignEngine?: boolean
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
  const atOnce = await observeAtOnce(docker, { name, model, references, ours }, options)
  if (atOnce !== undefined) return atOnce
  const [containers, networks, volumes, images] = await Promise.all([
    observeContainers(docker, name, ours),
    observeNetworks(docker, name, model),
    observeVolumes(docker, name, model),
    observeImages(docker, references),
  ])
  return { project: name, containers, networks, volumes, images }
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
