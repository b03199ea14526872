import { linkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord, EndpointRecord } from '../state/container-record.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { EngineContext } from '../state/context.ts'
import { ETC_FILES } from '../state/paths.ts'
import { projectOf } from '../state/project.ts'
import { joining } from '../terms/joined.ts'
import { holdNetwork, letGo } from './kept-network.ts'
import { holdNamespace } from './user-mapping.ts'

/** Compose's label on a container that is made to take another one's place: its name or id. */
const REPLACES = 'com.docker.compose.replace'

/** How long a network namespace is held for a container that was made and is not started, in milliseconds. */
const HELD_MILLISECONDS = 600_000

/** The container whose place one with these labels is to take; nothing is taken over from another project. */
export function replacedBy(
  containers: ContainerTable,
  config: ContainerRecord['config'],
): Container | undefined {
  const reference = config.Labels?.[REPLACES]
  if (!reference) return undefined
  const old = containers.find(reference) ?? containers.named(reference)
  const project = old === undefined ? undefined : projectOf(old)
  return project !== undefined && project === projectOf({ record: { config } }) ? old : undefined
}

/**
 * The places on networks that a replacement is to have: those that it asks for, with the addresses and the links of the
 * container before it where it asks for no others. The lease is the record's: it goes from one to the next.
 */
export function inheritedEndpoints(
  old: Container | undefined,
  endpoints: readonly EndpointRecord[],
): readonly EndpointRecord[] {
  if (old === undefined) return endpoints
  return endpoints.map(endpoint => {
    const before = old.record.endpoints.find(each => each.networkId === endpoint.networkId)
    if (before === undefined) return endpoint
    const { endpointId, addresses, kept } = before
    return { ...endpoint, endpointId, addresses, ...(kept === undefined ? {} : { kept }) }
  })
}

/** Has of the one whose place it takes /etc/hosts and the like, which those that share its network have bound, and the network itself. */
export async function takeOver(
  engine: Pick<EngineContext, 'containers' | 'userNamespaces'>,
  container: Container,
): Promise<void> {
  const { replaces } = container.record
  const old = replaces === undefined ? undefined : engine.containers.find(replaces)
  if (old === undefined) return
  await holdNamespace(engine, old)
  for (const name of ETC_FILES) {
    try {
      linkSync(join(old.paths.etc, name), join(container.paths.etc, name))
    } catch (error) {
      // It has never run.
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
  const held = holdNetwork(old)
  if (held === undefined) return
  container.heldNetwork = held
  setTimeout(() => {
    if (container.heldNetwork !== held || container.starting) return
    container.heldNetwork = undefined
    held.release()
  }, HELD_MILLISECONDS).unref()
}

/** Before a start that is to be beside the one whose place the container takes: while that one runs it waits (`relieve.ts`). */
export function waitBeside(containers: ContainerTable, container: Container): void {
  if (container.live === undefined && runningBefore(containers, container) !== undefined)
    container.save({ relief: 'waiting' })
}

/** At a start: one that waits begins with a network and files of its own; where nobody is left beside whom it could, it is like any other. */
export function startBeside(containers: ContainerTable, container: Container): void {
  if (container.record.relief !== 'waiting') return
  if (runningBefore(containers, container) === undefined) {
    container.save({ relief: undefined })
    return
  }
  letGo(container)
  for (const name of ETC_FILES) rmSync(join(container.paths.etc, name), { force: true })
}

function runningBefore(containers: ContainerTable, { record }: Container): Container | undefined {
  const old = containers.find(record.replaces ?? '')
  return old?.live === undefined ? undefined : old
}

/** Has the files of whose network it shares as its own, so that they stay when that one is replaced. */
export function shareFiles(container: Container, owner: Container): void {
  for (const name of ETC_FILES) {
    const own = join(container.paths.etc, name)
    rmSync(own, { force: true })
    linkSync(join(owner.paths.etc, name), own)
  }
}

/** Those that are in the network of a container which goes are in that of its replacement from now on; whether there is one. */
export function passOnNetwork(containers: ContainerTable, old: Container): boolean {
  const [replacement] = [...containers.values()].filter(each => each.record.replaces === old.id).reverse()
  if (replacement === undefined) return false
  // Whom the one that goes has relieved stands aside for its replacement.
  const before = old.record.relief === 'serving' ? containers.find(old.record.replaces ?? '') : undefined
  if (replacement.record.relief === 'serving')
    replacement.save(before === undefined ? { relief: undefined } : { replaces: before.id })
  for (const container of containers.values()) {
    const { mode } = container.terms.network
    if (mode.kind !== 'container' || containers.find(mode.reference) !== old) continue
    container.save({
      hostConfig: { ...container.record.hostConfig, NetworkMode: joining(replacement.id) },
    })
  }
  return true
}
