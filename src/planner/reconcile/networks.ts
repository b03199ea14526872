import { Failure } from '../../diagnostics/index.ts'
import type { Network } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import { networkNamed } from '../observed/find.ts'
import type { ObservedContainer, ObservedNetwork } from '../observed/observed.ts'
import { networkLabels } from '../project/labels.ts'
import { located } from '../project/located.ts'
import { compareText } from '../spec/canonical.ts'
import { normaliseNetwork } from '../spec/normalise.ts'
import { compareSpec, openSpec } from '../spec/stored.ts'
import type { Context } from './context.ts'
import { DRIFTED, driftChange, tellOfUnseen } from './drift.ts'
import { addDisconnect, addStop } from './steps.ts'

/** What becomes of a network of the file. */
export interface NetworkDecision {
  readonly key: string
  readonly name: string
  /** Operations after which it can be attached to. */
  readonly after: readonly string[]
  /** The id that attached containers must have; undefined when the plan makes the network. */
  readonly id: string | undefined
  /** Ids of containers that the plan takes off the old network: they are connected again, not recreated. */
  readonly detached: ReadonlySet<string>
  /** Ids of containers to be stopped and started, so that the engine puts the network's kernel side right. */
  readonly restarted: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/** Plans networks: missing ones are made, diverged ones replaced under their containers; by key. */
export function reconcileNetworks(
  context: Context,
  images: readonly string[],
): ReadonlyMap<string, NetworkDecision> {
  const networks = context.project.model.networks ?? {}
  const decisions = Object.keys(networks)
    .sort(compareText)
    .map((key): [string, NetworkDecision] => [key, decide(context, key, networks[key] as Network, images)])
  return new Map(decisions)
}

function decide(context: Context, key: string, network: Network, images: readonly string[]): NetworkDecision {
  const found = networkNamed(context.observed, network.name)
  const base = { key, name: network.name, id: found?.id, after: [], detached: NONE, restarted: NONE }
  if (network.external === true) return external(context, base, found)
  if (found === undefined) {
    const id = addCreate(context, key, network, 'network is missing', [], images)
    return { ...base, after: [id] }
  }
  if (found.project !== context.observed.project) {
    context.builder.warn(
      found.project === '' ? 'NETWORK_NOT_FROM_COMPOSE' : 'NETWORK_OF_OTHER_PROJECT',
      `network "${network.name}" exists already and was not made for project "${context.project.name}"`,
      'mark it "external: true" to use it without this warning',
    )
    return base
  }
  const changes =
    found.configHash === ''
      ? []
      : compareSpec(found.configHash, found.spec, openSpec(normaliseNetwork(network)))
  if (changes.length > 0) {
    const cause = `network "${found.name}" is not as the file wants it`
    return replace(context, key, network, found, { cause, changes }, images)
  }
  const moved = found.drift.filter(({ repair }) => repair === 'recreate')
  if (moved.length > 0) {
    const cause = `addresses of network "${found.name}" are somebody else's on this host since`
    return replace(
      context,
      key,
      network,
      found,
      {
        cause,
        changes: moved.map(({ path, want, got }) => ({ path, from: `${want} (${got})`, to: 'another one' })),
      },
      images,
    )
  }
  tellOfUnseen(context, 'network', found)
  const repairs = addRepair(context, found, images)
  const isRestarted = found.drift.some(({ repair = 'restart' }) => repair === 'restart')
  return { ...base, after: repairs, ...(isRestarted ? { restarted: attachedAlive(context, found) } : {}) }
}

/** What has drifted of it is put right where it stands; the ids of what does so. */
function addRepair(
  context: Context,
  { id, name, drift }: ObservedNetwork,
  images: readonly string[],
): string[] {
  const mended = drift.filter(({ repair }) => repair === 'place')
  if (mended.length === 0) return []
  return [
    context.builder.add({
      type: 'repairNetwork',
      id: `network:${name}:repair`,
      after: images,
      resource: { kind: 'network', name },
      action: 'repair',
      cause: DRIFTED,
      changes: mended.map(driftChange),
      networkId: id,
      paths: mended.map(({ path }) => path),
    }),
  ]
}

function external(
  { project }: Context,
  base: NetworkDecision,
  found: ObservedNetwork | undefined,
): NetworkDecision {
  if (found !== undefined) return base
  throw new Failure('notFound', [
    {
      ...located(project, ['networks', base.key]),
      code: 'EXTERNAL_NETWORK_NOT_FOUND',
      summary: `network "${base.name}" is declared as external, but does not exist`,
      hint: 'create it, or remove "external: true"',
    },
  ])
}

/** Stop what is attached, take it off, remove, create; the containers are connected and started again later. */
function replace(
  context: Context,
  key: string,
  network: Network,
  found: ObservedNetwork,
  { cause, changes }: { readonly cause: string; readonly changes: readonly Change[] },
  images: readonly string[],
): NetworkDecision {
  const attached = attachedContainers(context, found)
  refuseStrangers(context, key, found)
  const off = attached.map(container => {
    const step = { cause: `network "${found.name}" is replaced`, action: 'restart' } as const
    const stop = addStop(context, container, container.name, { ...step, after: images })
    return addDisconnect(context, container, found, { ...step, after: stop === undefined ? images : [stop] })
  })
  const remove = context.builder.add({
    type: 'removeNetwork',
    id: `network:${found.name}:remove`,
    after: [...off, ...images],
    resource: { kind: 'network', name: found.name },
    action: 'recreate',
    cause,
    changes,
    networkId: found.id,
  })
  const create = addCreate(context, key, network, cause, changes, [remove])
  return {
    key,
    name: network.name,
    id: undefined,
    after: [create],
    detached: new Set(attached.map(container => container.id)),
    restarted: NONE,
  }
}

/** Problem NETWORK_IN_USE: it cannot be replaced under containers that are not the project's, which the plan must not touch. */
function refuseStrangers({ observed, project, builder }: Context, key: string, found: ObservedNetwork): void {
  const own = new Set(observed.containers.map(({ id }) => id))
  const strangers = found.containers.filter(({ id }) => !own.has(id)).map(({ name }) => name)
  if (strangers.length === 0) return
  builder.problem({
    ...located(project, ['networks', key]),
    code: 'NETWORK_IN_USE',
    summary: `network "${found.name}" has to be made anew, and containers of others are on it: ${strangers.sort(compareText).join(', ')}`,
    hint: 'stop or disconnect those first, or leave the network as it is',
  })
}

function addCreate(
  context: Context,
  key: string,
  network: Network,
  cause: string,
  changes: readonly Change[],
  after: readonly string[],
): string {
  return context.builder.add({
    type: 'createNetwork',
    id: `network:${network.name}:create`,
    after,
    resource: { kind: 'network', name: network.name },
    action: changes.length === 0 ? 'create' : 'recreate',
    cause,
    changes,
    network,
    labels: networkLabels(context.project.name, key, network),
  })
}

/** Containers of the project on the network; a stopped one is only known by its own list of networks. */
function attachedContainers(context: Context, network: ObservedNetwork): ObservedContainer[] {
  const ids = new Set(network.containers.map(container => container.id))
  return context.observed.containers
    .filter(
      container =>
        ids.has(container.id) || container.networks.some(attachment => attachment.name === network.name),
    )
    .sort((a, b) => compareText(a.name, b.name))
}

function attachedAlive(context: Context, network: ObservedNetwork): ReadonlySet<string> {
  const alive = attachedContainers(context, network).filter(container => container.state === 'running')
  return new Set(alive.map(container => container.id))
}
