import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { ANY_LIMITS } from '../cgroup/index.ts'
import { writeEtcFiles } from '../endpoints/etc-files.ts'
import { joinedOf } from '../endpoints/joined.ts'
import { rehold, takesEgress } from '../endpoints/rehold.ts'
import { takesNetworks } from '../endpoints/rejoin.ts'
import { republish, takesPorts } from '../endpoints/republish.ts'
import { askOthers, takesServers } from '../endpoints/resolver.ts'
import { startHealth } from '../health/probe.ts'
import { capabilityBit, numbersOfDevice } from '../security/index.ts'
import { watchSleep } from '../sleep/watch.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { ContainerTerms } from '../terms/index.ts'
import { kernelLimits } from '../terms/limits.ts'
import { restartOf } from '../terms/restart.ts'
import { changeRuns } from './change-runs.ts'

/** A field of a create request. */
export type CreateField = keyof ContainerConfig | `HostConfig.${keyof HostConfig}` | 'EndpointsConfig'

/** How some fields of what a container was made with become others while it runs. */
export interface Adapter {
  readonly fields: readonly CreateField[]
  /** Whether this container lets it; absent: each that runs. */
  readonly can?: (container: Container, host: Pick<EngineContext['host'], 'capabilities'>) => boolean
  /** Why one that does not let it cannot, for people. */
  readonly because?: string
  /**
   * Makes what runs as the container's terms say, whatever of it is so already; `before`: the terms until now, absent where nobody knows
   * how far a change had come. Absent: nobody but the record has to know. Returns warnings.
   */
  readonly apply?: (
    engine: EngineContext,
    container: Container,
    before: ContainerTerms | undefined,
  ) => Promise<readonly string[]> | readonly string[]
}

/** In the order in which they are applied: what is refused most likely comes first. */
export const ADAPTERS: readonly Adapter[] = [
  { fields: ['Labels', 'HostConfig.Annotations', 'StopSignal', 'StopTimeout', 'ExposedPorts'] },
  {
    fields: [
      'HostConfig.Memory',
      'HostConfig.MemorySwap',
      'HostConfig.MemoryReservation',
      'HostConfig.MemorySwappiness',
      'HostConfig.OomKillDisable',
      'HostConfig.NanoCpus',
      'HostConfig.CpuQuota',
      'HostConfig.CpuPeriod',
      'HostConfig.CpuShares',
      'HostConfig.CpuRealtimePeriod',
      'HostConfig.CpuRealtimeRuntime',
      'HostConfig.CpusetCpus',
      'HostConfig.CpusetMems',
      'HostConfig.PidsLimit',
      'HostConfig.BlkioWeight',
      'HostConfig.BlkioWeightDevice',
      'HostConfig.BlkioDeviceReadBps',
      'HostConfig.BlkioDeviceWriteBps',
      'HostConfig.BlkioDeviceReadIOps',
      'HostConfig.BlkioDeviceWriteIOps',
    ],
    apply: changeLimits,
  },
  {
    fields: ['HostConfig.PortBindings'],
    can: takesPorts,
    because: 'ports of the default bridge, of another’s network and of the host’s are settled at a start',
    apply: changePorts,
  },
  {
    fields: ['HostConfig.TscomposeEgress'],
    can: takesEgress,
    because: 'it was made without, with rights that such a one has not',
    apply: changeEgress,
  },
  { fields: ['HostConfig.TscomposeSleep'], apply: changeSleep },
  {
    fields: ['HostConfig.RestartPolicy'],
    apply: async (_, { live, terms, record }) => {
      const { restart, restartMax } = restartOf(terms.restart, record.state.restartsBefore)
      await live?.connection.setRestart(restart, restartMax)
      return []
    },
  },
  {
    fields: ['HostConfig.ExtraHosts', 'HostConfig.DnsSearch', 'HostConfig.DnsOptions'],
    // The files of who is in another's network are that one's.
    can: ({ terms }) => terms.network.mode.kind !== 'container',
    because: 'it is in the network of another service, whose files it has',
    apply: writeFiles,
  },
  {
    fields: ['HostConfig.Dns'],
    can: takesServers,
    because: 'it has no resolver of its own, which it would be born with',
    apply: changeServers,
  },
  { fields: ['Healthcheck'], apply: changeHealth },
  { fields: ['HostConfig.OomScoreAdj', 'HostConfig.LogConfig'], apply: changeRuns },
  {
    fields: ['HostConfig.Ulimits'],
    // A hard limit that was lowered is raised by nobody else.
    can: (_, { capabilities }) => (capabilities & capabilityBit('SYS_RESOURCE')) !== 0n,
    because:
      'the engine may not raise limits of a process that runs: it was started without CAP_SYS_RESOURCE',
    apply: changeRuns,
  },
  // Which networks these are no term says: `rejoin` is told.
  {
    fields: ['EndpointsConfig'],
    can: takesNetworks,
    because: 'it is on no network of the project’s, but in another’s, the host’s or none',
  },
]

/** The fields of a container that can be others while it runs on, or from its next start on. */
export function adaptableFields(
  { host }: Pick<EngineContext, 'host'>,
  container: Container,
): readonly CreateField[] {
  if (container.record.hostConfig.AutoRemove === true) return []
  if (!container.holdsAddresses) return ADAPTERS.flatMap(({ fields }) => fields)
  if (!(container.running || container.asleep) || container.paused) return []
  return adaptabilityOf(host, container).fields
}

/** Those that one which runs does not let, with the reason. */
export function fixedFields(
  { host }: Pick<EngineContext, 'host'>,
  container: Container,
): Readonly<Record<string, string>> {
  return adaptabilityOf(host, container).fixed
}

interface Adaptability {
  readonly fields: readonly CreateField[]
  readonly fixed: Readonly<Record<string, string>>
}

const adaptabilities = new Map<string, Adaptability>()

/** Frozen, and the same objects for all that let and refuse the same: their text is kept (`encodeJson`). */
function adaptabilityOf(host: EngineContext['host'], container: Container): Adaptability {
  const isLet = ADAPTERS.map(({ can }) => can?.(container, host) !== false)
  const key = isLet.join()
  const known = adaptabilities.get(key)
  if (known !== undefined) return known
  const refusing = ADAPTERS.filter((_adapter, at) => isLet[at] === false)
  const adaptability = {
    fields: Object.freeze(ADAPTERS.flatMap(({ fields }, at) => (isLet[at] === true ? fields : []))),
    fixed: Object.freeze(
      Object.fromEntries(
        refusing.flatMap(({ fields, because = '' }) => fields.map(field => [field, because] as const)),
      ),
    ),
  }
  adaptabilities.set(key, adaptability)
  return adaptability
}

/** Makes what runs as the container's terms say, in these fields. Returns warnings. */
export async function applyFields(
  engine: EngineContext,
  container: Container,
  fields: readonly string[],
  before: ContainerTerms | undefined,
): Promise<readonly string[]> {
  const warnings: string[] = []
  for (const { fields: own, apply } of ADAPTERS)
    if (own.some(field => fields.includes(field)))
      warnings.push(...((await apply?.(engine, container, before)) ?? []))
  return warnings
}

function changeLimits(
  { host: { cgroups } }: EngineContext,
  { id, name, terms }: Container,
  before: ContainerTerms | undefined,
): string[] {
  const { memory } = terms.limits
  const { memoryDetail = {} } = cgroups.stats(id)
  // What cannot be given back: the newer layout would kill for it.
  const used = Number(memoryDetail['total_rss'] ?? memoryDetail['anon'] ?? 0)
  if (memory !== undefined && used > memory) throw belowUse(name, memory, used)
  const had = before === undefined ? ANY_LIMITS : kernelLimits(before.limits, numbersOfDevice)
  return cgroups.change(id, kernelLimits(terms.limits, numbersOfDevice), had)
}

function belowUse(name: string, memory: number, used: number): Error {
  return failure({
    code: 'LIMIT_REFUSED',
    kind: 'conflict',
    summary: `container ${name} uses ${used} bytes of memory, more than the limit of ${memory} that it is to have`,
    hint: 'make it anew (up --force-recreate), or leave it more',
  })
}

async function changePorts(
  engine: EngineContext,
  container: Container,
  before: ContainerTerms | undefined,
): Promise<string[]> {
  await republish(engine, container, before?.ports.published ?? [])
  return []
}

async function changeEgress(
  engine: EngineContext,
  container: Container,
  before: ContainerTerms | undefined,
): Promise<string[]> {
  await rehold(engine, container, before?.security.egress ?? [])
  return []
}

function changeSleep(engine: EngineContext, container: Container): string[] {
  watchSleep(engine, container)
  return []
}

async function changeServers(engine: EngineContext, container: Container): Promise<string[]> {
  await askOthers(engine, container)
  return []
}

function writeFiles(engine: EngineContext, container: Container): string[] {
  writeEtcFiles(engine, container, joinedOf(engine, container))
  return []
}

/** What was found by another check says nothing of this one. */
function changeHealth(engine: EngineContext, container: Container): string[] {
  const { health: _, ...state } = container.record.state
  container.saveRun({ state })
  startHealth(engine, container)
  return []
}
