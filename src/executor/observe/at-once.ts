import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Snapshot, SnapshotRequest } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { LABEL, type Observed, type ObservedImage } from '../../planner/index.ts'
import type { Docker } from '../docker.ts'
import { observedContainer } from './container.ts'
import { observedImage, observedNetwork, observedVolume } from './resources.ts'

/** What is observed. */
interface Subject {
  /** Of the project. */
  readonly name: string
  readonly model: Project | undefined
  /** Of images. */
  readonly references: readonly string[]
  /** The engine is ours. */
  readonly ours: boolean
}

/** How our engine looks, and what becomes of what it tells. */
export interface LookOptions {
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

/** All in one call, or in two where there is something to think about meanwhile; undefined where the engine gives nobody all at once. */
export async function observeAtOnce(
  docker: Docker,
  subject: Subject,
  options: LookOptions,
): Promise<Observed | undefined> {
  const seen = await look(docker, subject, options)
  if (seen !== undefined && options.keepsLast === true) keep(seen)
  return seen?.observed
}

async function look(
  docker: Docker,
  subject: Subject,
  { keepsLast, drift, ahead }: LookOptions,
): Promise<Kept | undefined> {
  const { name, ours } = subject
  const known = keepsLast === true && last?.observed.project === name && last.ours === ours ? last : undefined
  const request = {
    ...requestOf(subject),
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

function requestOf({ name, model, references }: Subject): SnapshotRequest {
  return {
    Labels: [`${LABEL.project}=${name}`],
    Networks: Object.values(model?.model.networks ?? {}).map(network => network.name),
    Volumes: Object.values(model?.model.volumes ?? {}).map(volume => volume.name),
    Images: references,
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
