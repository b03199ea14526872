import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import type { DeviceOptions, Machine, Rlimit, SecurityOptions } from '../runtime/index.ts'
import { devicesTerm } from './devices.ts'
import { type GroupTerms, groupTerm } from './group.ts'
import { type HealthPlan, healthTerm } from './health.ts'
import { type HostTerms, hostsTerm } from './hosts.ts'
import { type LimitTerms, limitsTerm } from './limits.ts'
import { type LogTerms, logTerm } from './log.ts'
import { type MountTerms, mountsTerm } from './mounts.ts'
import { type NameTerms, namesTerm } from './names.ts'
import { type NamespaceTerms, namespacesTerm } from './namespaces.ts'
import { type NetworkTerms, networkTerm } from './network.ts'
import { type PortTerms, portsTerm } from './ports.ts'
import type { Problems } from './problems.ts'
import { type ProcessTerms, processTerm } from './process.ts'
import { type ResolverTerms, resolverTerm } from './resolver.ts'
import { type RestartTerms, restartTerm } from './restart.ts'
import { type RootTerms, rootTerm } from './root.ts'
import { securityTerm } from './security.ts'
import { type ShownTerms, shownTerm } from './shown.ts'
import { type SleepTerms, sleepTerm } from './sleep.ts'
import { type StdioTerms, stdioTerm } from './stdio.ts'
import { type StopTerms, stopTerm } from './stop.ts'
import { type SysctlTerms, sysctlsTerm } from './sysctls.ts'
import type { Field, Given } from './term.ts'
import { ulimitsTerm } from './ulimits.ts'
import { checkRefused, type RECORDED } from './without-effect.ts'

/** What `create` was given, in the engine's words: the one translation, for all that make, start, change or show a container. */
export interface ContainerTerms {
  readonly process: ProcessTerms
  readonly names: NameTerms
  readonly stdio: StdioTerms
  readonly stop: StopTerms
  readonly health: HealthPlan | undefined
  readonly restart: RestartTerms
  readonly sleep: SleepTerms | undefined
  readonly log: LogTerms
  readonly namespaces: NamespaceTerms
  readonly network: NetworkTerms
  readonly ports: PortTerms
  readonly hosts: HostTerms
  readonly resolver: ResolverTerms
  readonly mounts: MountTerms
  readonly root: RootTerms
  readonly limits: LimitTerms
  readonly group: GroupTerms
  readonly ulimits: readonly Rlimit[]
  readonly devices: DeviceOptions
  readonly sysctls: SysctlTerms
  readonly security: SecurityOptions
  readonly shown: ShownTerms
}

type Name = keyof ContainerTerms

/** Every term, in the order in which problems are told. */
const TERMS = {
  process: processTerm,
  names: namesTerm,
  stdio: stdioTerm,
  stop: stopTerm,
  health: healthTerm,
  restart: restartTerm,
  sleep: sleepTerm,
  log: logTerm,
  namespaces: namespacesTerm,
  network: networkTerm,
  ports: portsTerm,
  hosts: hostsTerm,
  resolver: resolverTerm,
  mounts: mountsTerm,
  root: rootTerm,
  limits: limitsTerm,
  group: groupTerm,
  ulimits: ulimitsTerm,
  devices: devicesTerm,
  sysctls: sysctlsTerm,
  security: securityTerm,
  shown: shownTerm,
} satisfies { readonly [N in Name]: { readonly read: (given: Given) => ContainerTerms[N] } }

type Read = { [N in Name]: keyof (typeof TERMS)[N]['fields'] }[Name]

/** A field of the wire types that no term reads, and that is not said to be recorded alone. */
type Forgotten = Exclude<Field, Read | keyof typeof RECORDED>

/** The fields of each term, by its name, and what reads them. */
export function termsByName(): Readonly<Record<string, TermEntry>> {
  return Object.fromEntries(
    Object.entries<TermEntry>(TERMS).map(([name, { fields, read }]) => [name, { fields, read }]),
  )
}

interface TermEntry {
  readonly fields: Readonly<Partial<Record<Field, true>>>
  readonly read: (given: Given) => unknown
}

/**
 * The terms of a container, each read when it is first asked for: a record of another version may hold what means nothing
 * any more, which then throws where it is needed and nowhere else.
 */
export function termsOf(config: ContainerConfig, host: HostConfig): ContainerTerms {
  const given: Given = { ...config, ...host }
  const terms = {}
  for (const [name, { read }] of Object.entries<{ readonly read: (given: Given) => unknown }>(TERMS)) {
    let kept: { readonly value: unknown } | undefined
    Object.defineProperty(terms, name, {
      enumerable: true,
      get: () => {
        kept ??= { value: read(given) }
        return kept.value
      },
    })
  }
  // Does not compile while a field is forgotten, and names it.
  return terms as [Forgotten] extends [never] ? ContainerTerms : { readonly readByNoTerm: Forgotten }
}

/**
 * Tells everything that is wrong with a request, as far as neither images nor other containers decide it. With `changed`,
 * only of the terms that have one of these fields: what a container was made with is not held against a change of something else.
 */
export function checkTerms(
  config: ContainerConfig,
  host: HostConfig,
  problems: Problems,
  machine: Machine,
  changed?: readonly string[],
): void {
  const given: Given = { ...config, ...host }
  const terms = termsOf(config, host)
  if (changed === undefined) checkRefused(given, problems)
  for (const name of Object.keys(TERMS) as Name[]) {
    const { check, path, fields } = TERMS[name]
    if (changed?.some(field => field in fields) === false) continue
    check?.(given as never, problems, machine)
    // What a check has said of a field more fitly is not said twice.
    if (!problems.has(path)) problems.collect(path, () => void terms[name])
  }
}
