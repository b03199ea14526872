import { errnoOf, Failure, failure } from '../../diagnostics/index.ts'
import { answeredStat } from '../../linux/answered-stat.ts'
import { makeFolder } from '../../linux/make-folder.ts'
import type { RuntimeMount } from '../runtime/index.ts'
import type { Owner } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { projectOf } from '../state/project.ts'
import { runtimeMount } from '../terms/runtime-mounts.ts'
import { ensureVolume, restoreFolder } from '../volumes/create.ts'
import { mountFileSystem } from '../volumes/file-systems.ts'
import { fillAgain } from './fill.ts'
import { checkPropagation } from './propagation.ts'

/**
 * Makes the sources of the container's mounts ready and describes them to the runtime: missing bind sources are made
 * or refused, as the request said, and a volume whose record or folder was lost is made anew.
 */
export async function prepareMounts(engine: EngineContext, container: Container): Promise<RuntimeMount[]> {
  const prepared: RuntimeMount[] = []
  for (const mount of container.record.mounts) {
    await prepareSource(engine, container, mount)
    if (mount.type === 'bind') checkPropagation(mount)
    prepared.push(await describeMount(engine, mount))
  }
  return prepared
}

/** Makes the source of one mount ready: a bind's folder is there, which is made as the owner's, and a volume, its file system mounted. A volume that lost its folder is as it was when it was new. */
export async function prepareSource(
  engine: EngineContext,
  container: Container,
  mount: MountRecord,
): Promise<void> {
  if (mount.type === 'bind') await ensureBindSource(mount, container.terms.mounts.owner)
  if (mount.type !== 'volume') return
  const name = mount.name ?? ''
  await engine.locks.run(`volume:${name}`, async () => {
    const anonymous = mount.anonymous === true
    const project = projectOf(container)
    const volume = ensureVolume(engine, { name, anonymous, project, labels: {}, options: {} })
    if (restoreFolder(engine, volume)) await fillAgain(engine, container, mount)
    await mountFileSystem(engine, volume)
  })
}

/** A mount in the runtime's words; for a container that runs already, nothing is made. */
export async function describeMount(engine: EngineContext, mount: MountRecord): Promise<RuntimeMount> {
  const layers = mount.type === 'image' ? await engine.images.layersOf(mount.source) : []
  return runtimeMount(mount, layers)
}

async function ensureBindSource(mount: MountRecord, owner: Owner | undefined): Promise<void> {
  try {
    await answeredStat(mount.source)
    return
  } catch (error) {
    if (error instanceof Failure) throw error
    if (errnoOf(error) !== 'ENOENT') throw sourceFailure(mount, error)
  }
  if (mount.createSource !== true) throw sourceMissing(mount.source)
  makeFolder(mount.source, 0o755, owner)
}

/** BIND_SOURCE_MISSING: the start, or who asks for the container, hears that nobody is to make the source. */
export function sourceMissing(source: string): Error {
  return failure({
    code: 'BIND_SOURCE_MISSING',
    kind: 'invalidArgument',
    summary: `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    facts: { source },
    hint: 'make it first, or let it be made with create_host_path: true',
  })
}

function sourceFailure(mount: MountRecord, error: unknown): Error {
  return failure({
    code: 'BIND_SOURCE',
    kind: 'invalidArgument',
    summary: `bind source "${mount.source}" cannot be reached: ${errnoOf(error) ?? 'unknown error'}`,
    cause: error,
  })
}
