import { isDeepStrictEqual } from 'node:util'
import type {
  Adaptation,
  ContainerConfig,
  ContainerUpdateRequest,
  HostConfig,
} from '../../api/types/index.ts'
import { failure, undo } from '../../diagnostics/index.ts'
import { checkRejoin, rejoin } from '../endpoints/rejoin.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { OF_INTERFACES, writeSysctls } from '../kernel/settings.ts'
import { THIS_MACHINE } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { type ContainerTerms, checkTerms, termsOf } from '../terms/index.ts'
import { madeWithPids } from '../terms/limits.ts'
import { mergeConfig } from '../terms/merge-config.ts'
import { Problems } from '../terms/problems.ts'
import { unsupportedWarnings } from '../terms/without-effect.ts'
import { adaptableFields, applyFields } from './adapters.ts'
import { CHANGEABLE } from './update-drift.ts'

type Made = Pick<ContainerRecord, 'config' | 'hostConfig'>

/**
 * Has a container be made of other things from now on, all of them or none; the caller holds its lock. Of one that runs the record gets all of it in
 * one write, at the end: until then it tells that something is under way, and an engine that finds that puts back what the record says.
 * Returns warnings. ADAPT_COLD.
 */
export async function adaptContainer(
  engine: EngineContext,
  container: Container,
  adaptation: Adaptation,
): Promise<readonly string[]> {
  const { Fields: fields = [], EndpointsConfig: networks } = adaptation
  const can: readonly string[] = adaptableFields(engine, container)
  const cold = fields.filter(field => !can.includes(field))
  if (cold.length > 0) throw refused(container, cold)
  const next = await nextOf(engine, container.record, adaptation)
  check(container, next, fields)
  const joins = fields.includes('EndpointsConfig')
  if (joins) checkRejoin(engine, container, networks ?? {})
  const warnings = container.holdsAddresses ? await change(engine, container, next, adaptation) : []
  if (joins && !container.holdsAddresses) await rejoin(engine, container, networks ?? {})
  container.save({ ...next, ...madeAnew(container.record, next, fields), adapting: undefined })
  container.assume(undefined)
  publishContainerEvent(engine, container, 'update')
  return [...warnings, ...unsupportedWarnings(adaptation.HostConfig ?? {})]
}

/** What runs becomes as `next`, and counts as made so; or it stays as it was. */
async function change(
  engine: EngineContext,
  container: Container,
  next: Made,
  { Fields: fields = [], EndpointsConfig: networks = {} }: Adaptation,
): Promise<readonly string[]> {
  const before = container.terms
  container.save({ adapting: fields })
  container.assume(termsOf(next.config, next.hostConfig))
  try {
    const warnings = [...(await applyFields(engine, container, fields, before))]
    if (!fields.includes('EndpointsConfig')) return warnings
    await rejoin(engine, container, networks, async () => {
      warnings.push(...(await followNetworks(engine, container)))
    })
    return warnings
  } catch (error) {
    container.assume(undefined)
    await undo(engine, `adapt ${container.name}`, [() => putBack(engine, container)])
    throw error
  }
}

/**
 * Published ports lead to addresses, and the container's own name to them as well; its interfaces' sysctls were written by its own program of those
 * that it began with. Returns warnings.
 */
async function followNetworks(engine: EngineContext, container: Container): Promise<readonly string[]> {
  await writeSysctls({ engine, container }, OF_INTERFACES)
  const can: readonly string[] = adaptableFields(engine, container)
  const fields = ['HostConfig.PortBindings', 'HostConfig.ExtraHosts'].filter(field => can.includes(field))
  return await applyFields(engine, container, fields, container.terms)
}

/** Makes what runs as the record says, where an adaptation was cut off. */
export async function putBack(engine: EngineContext, container: Container): Promise<void> {
  const { adapting = [] } = container.record
  if (adapting.length === 0) return
  if (container.running) {
    await applyFields(engine, container, adapting, undefined)
    if (adapting.includes('EndpointsConfig')) await followNetworks(engine, container)
  }
  container.save({ adapting: undefined })
}

function refused({ name }: Container, fields: readonly string[]): Error {
  return failure({
    code: 'ADAPT_COLD',
    kind: 'conflict',
    summary: `container ${name} cannot have another ${fields.join(', ')} while it runs`,
    hint: 'make it anew',
  })
}

/** What it will have been made with: of these fields what is asked for, completed by its image, and the rest as it is. */
async function nextOf(
  engine: Pick<EngineContext, 'images'>,
  { config, hostConfig, imageId }: ContainerRecord,
  { Fields: fields = [], Config = {}, HostConfig: host = {}, EndpointsConfig = {} }: Adaptation,
): Promise<Made> {
  const image = await engine.images.resolve(imageId)
  const merged = mergeConfig({ ...Config, Cmd: ['-'] }, image?.config ?? {})
  const [primary] = Object.keys(EndpointsConfig)
  return {
    config: replaced(config, merged, fields),
    hostConfig: {
      ...replaced(hostConfig, madeWithPids(host), fieldsOfHost(fields)),
      ...(primary === undefined ? {} : { NetworkMode: primary }),
    },
  }
}

function fieldsOfHost(fields: readonly string[]): string[] {
  const prefix = 'HostConfig.'
  return fields.flatMap(field => (field.startsWith(prefix) ? [field.slice(prefix.length)] : []))
}

function replaced<T extends ContainerConfig | HostConfig>(from: T, to: T, fields: readonly string[]): T {
  const kept = Object.entries(from).filter(([field]) => !fields.includes(field))
  const taken = Object.entries(to).filter(([field, value]) => fields.includes(field) && value !== undefined)
  return Object.fromEntries([...kept, ...taken]) as T
}

/** What it shows of the machine was mounted when it started, and whether it is held at all decides on its rights. */
function check(container: Container, { config, hostConfig }: Made, fields: readonly string[]): void {
  const terms = termsOf(config, hostConfig)
  const cold = [
    ...(isDeepStrictEqual(terms.shown, container.terms.shown) ? [] : ['HostConfig.Annotations']),
    ...(fields.includes('HostConfig.LogConfig') && isKept(terms) !== isKept(container.terms)
      ? ['HostConfig.LogConfig']
      : []),
    ...(fields.includes('HostConfig.TscomposeEgress') && terms.security.egress === undefined
      ? ['HostConfig.TscomposeEgress']
      : []),
  ]
  if (cold.length > 0) throw refused(container, cold)
  const problems = new Problems()
  const names = fields.map(field => field.replace(/^HostConfig\./, ''))
  checkTerms(config, hostConfig, problems, THIS_MACHINE, names)
  problems.throwIfAny()
}

function isKept({ log }: Pick<ContainerTerms, 'log'>): boolean {
  return log.kept !== undefined
}

/** What updates are held against: as if it had been made so. */
function madeAnew(
  { madeWith }: Pick<ContainerRecord, 'madeWith'>,
  { hostConfig }: Made,
  fields: readonly string[],
): Partial<Pick<ContainerRecord, 'madeWith'>> {
  if (madeWith === undefined) return {}
  const changed: readonly string[] = CHANGEABLE.filter(field => fields.includes(`HostConfig.${field}`))
  const next: ContainerUpdateRequest = Object.fromEntries(
    CHANGEABLE.flatMap(field => {
      const value = changed.includes(field) ? hostConfig[field] : madeWith[field]
      return value === undefined ? [] : [[field, value]]
    }),
  )
  return { madeWith: next }
}
