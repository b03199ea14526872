import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import type { Network, Project, Volume } from '../../model/index.ts'
import { located } from '../project/located.ts'
import { initName } from '../project/names.ts'
import { canonical, compareText } from '../spec/canonical.ts'
import { normaliseVolume } from '../spec/normalise.ts'
import type { Context } from './context.ts'
import { createIdOf, type ServiceFate } from './replica.ts'
import { removeIdOf } from './steps.ts'

type Fates = ReadonlyMap<string, ServiceFate>

/**
 * Refuses what no engine can hold under one name: two networks, and two volumes that differ. Volumes that are alike are
 * one volume, and what is external is there already, whatever keys stand for it. Errors: NETWORK_NAME_TAKEN,
 * VOLUME_NAME_TAKEN.
 */
export function checkResourceNames(project: Project): void {
  const { networks, volumes } = project.model
  const alike = (a: Volume, b: Volume): boolean => textOf(a) === textOf(b)
  const problems = [
    ...sharedNames(networks, () => false).map(pair => takenName(project, 'networks', pair)),
    ...sharedNames(volumes, alike).map(pair => takenName(project, 'volumes', pair)),
  ]
  if (problems.length > 0) throw new Failure('invalidArgument', problems)
}

function textOf(volume: Volume): string {
  return JSON.stringify(canonical(normaliseVolume(volume)))
}

interface SharedName {
  readonly name: string
  readonly key: string
  readonly owner: string
}

/** Keys with the name of a key before them that is not like theirs. */
function sharedNames<T extends Network | Volume>(
  resources: Readonly<Record<string, T>> = {},
  alike: (a: T, b: T) => boolean,
): SharedName[] {
  const owners = new Map<string, readonly [string, T]>()
  return Object.entries(resources)
    .filter(([, { external }]) => external !== true)
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([key, resource]) => {
      const { name } = resource
      const owner = owners.get(name)
      if (owner === undefined) owners.set(name, [key, resource])
      return owner === undefined || alike(owner[1], resource) ? [] : [{ name, key, owner: owner[0] }]
    })
}

const TAKEN = {
  networks: { code: 'NETWORK_NAME_TAKEN', more: '' },
  volumes: { code: 'VOLUME_NAME_TAKEN', more: ', and is not like this one' },
} as const

function takenName(
  project: Project,
  kind: 'networks' | 'volumes',
  { name, key, owner }: SharedName,
): Diagnostic {
  return {
    ...located(project, [kind, key, 'name']),
    code: TAKEN[kind].code,
    summary: `${kind}.${owner} has the name "${name}"${TAKEN[kind].more}`,
    hint: 'choose another name, or use one key in both places',
  }
}

/**
 * Refuses containers of one name: a `container_name` may be what another service's replica or `pre_start` step is called,
 * and how many replicas there are is only known here (`--scale`). Errors: CONTAINER_NAME_TAKEN.
 */
export function checkContainerNames({ project }: Context, fates: Fates): void {
  const owners = new Map<string, string>()
  const problems: Diagnostic[] = []
  for (const service of [...fates.keys()].sort(compareText))
    for (const name of namesOf(project, service, fates.get(service))) {
      const owner = owners.get(name)
      if (owner === undefined) owners.set(name, service)
      else problems.push(takenByService(project, name, [owner, service]))
    }
  if (problems.length > 0) throw new Failure('invalidArgument', problems)
}

function namesOf(project: Project, service: string, fate: ServiceFate | undefined): string[] {
  const inits = fate?.selected.service.pre_start ?? []
  const replicas = (fate?.replicas ?? []).map(({ name }) => name)
  return [...replicas, ...inits.map((_, index) => initName(project.name, service, index))]
}

function takenByService(project: Project, name: string, [one, other]: readonly [string, string]): Diagnostic {
  const isNamed = project.model.services[one]?.container_name === name
  const [service, owner] = isNamed ? [one, other] : [other, one]
  return taken(project, service, `a container of service "${owner}" is called "${name}"`)
}

/**
 * Lets what takes a name wait for the removal of the container that has it now. One that stays, or that can only go once
 * the new one is there, is in the way. Errors: CONTAINER_NAME_TAKEN.
 */
export function freeNames({ project, observed, builder }: Context, fates: Fates): void {
  const holders = new Map(observed.containers.map(container => [container.name, container]))
  for (const [service, { replicas }] of fates)
    for (const { name, existing, removeFirst } of replicas) {
      const holder = holders.get(name)
      if (holder === undefined || holder.id === existing?.id) continue
      const isMadeWithIt = existing === undefined || removeFirst
      const taker = [
        ...(isMadeWithIt ? [createIdOf(name)] : []),
        `container:${name}:rename-back`,
        `container:${name}:rename`,
      ].find(id => builder.has(id))
      if (taker === undefined) continue
      const removal = removeIdOf(holder)
      if (!builder.has(removal) || builder.comesAfter(removal, taker))
        throw new Failure('conflict', [
          taken(project, service, `a container of service "${holder.service}" is called "${name}" by now`),
        ])
      builder.addAfter(taker, [removal])
    }
}

function taken(project: Project, service: string, summary: string): Diagnostic {
  return {
    ...located(project, ['services', service, 'container_name']),
    code: 'CONTAINER_NAME_TAKEN',
    summary,
    hint: 'choose another container name, or remove that container first',
  }
}
