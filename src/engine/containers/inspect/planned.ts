import type {
  ContainerInspect,
  Drift,
  HostConfig,
  PlannedContainer,
  PlannedHostField,
  WantedDrift,
} from '../../../api/types/index.ts'
import { staysInNetwork } from '../../groups/kept-network.ts'
import { linkTexts } from '../../groups/old-links.ts'
import { onceAMoment } from '../../kernel/moment.ts'
import { observeContainer } from '../../kernel/observe.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { KeptPart } from '../../state/kept-part.ts'
import { reliefsAmong } from '../../state/relief.ts'
import { adaptableFields, fixedFields } from '../adapters.ts'
import { updateDrift } from '../update-drift.ts'
import { renderEndpoints } from './endpoints.ts'
import { networkModeOf, wholePortBindings } from './host-config.ts'
import { renderMended } from './ids.ts'
import { renderMounts } from './mounts.ts'
import { renderPortMap } from './network-settings.ts'
import { renderExit } from './state.ts'

/** A container as plans are made from it. Words are those of its inspect. */
export async function plannedContainer(
  engine: EngineContext,
  container: Container,
  drift: WantedDrift,
): Promise<PlannedContainer> {
  const { record } = container
  const told = await toldBeside(engine, container, drift)
  return {
    Id: record.id,
    Name: `/${record.name}`,
    Image: record.imageId,
    State: renderExit(container),
    Config: configs.of(container, [record.config], () => {
      const { Labels = {}, Env = null, Healthcheck = null } = record.config
      return { Labels, Env, Healthcheck }
    }),
    HostConfig: hostConfigOf(engine, container),
    NetworkSettings: { Networks: renderEndpoints(engine, container), Ports: renderPortMap(container) },
    Mounts: renderMounts(container),
    ...renderMended(container),
    ...(record.injected === undefined ? {} : { TscomposeInjected: record.injected }),
    ...told,
  }
}

async function toldBeside(
  engine: EngineContext,
  container: Container,
  drift: WantedDrift,
): Promise<Partial<Omit<ContainerInspect, 'State'>>> {
  switch (drift) {
    case 'seen':
      return toldToPlans(engine, container)
    case 'none':
      return toldWith(engine, container, [])
    case 'untold':
      return {}
    default:
      return drift satisfies never
  }
}

/** What the kernel has otherwise than it should, and what follows for plans: told to nobody else. */
export async function toldToPlans(
  engine: EngineContext,
  container: Container,
): Promise<Partial<Omit<ContainerInspect, 'State'>>> {
  return toldWith(engine, container, await observeContainer(engine, container))
}

function toldWith(
  engine: EngineContext,
  container: Container,
  seen: readonly Drift[],
): Partial<Omit<ContainerInspect, 'State'>> {
  const drift = [...updateDrift(container.record), ...seen]
  return {
    ...(drift.length === 0 ? {} : { TscomposeDrift: drift }),
    ...(staysInNetwork(engine.containers, container) ? { TscomposeStaysInNetwork: true as const } : {}),
    ...adaptableOf(engine, container),
    ...reliefOf(engine, container),
  }
}

function adaptableOf(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
): Pick<ContainerInspect, 'TscomposeAdapts' | 'TscomposeFixed'> {
  const fields = container.running || container.asleep ? adaptableFields(engine, container) : []
  return fields.length === 0
    ? {}
    : { TscomposeAdapts: fields, TscomposeFixed: fixedFields(engine, container) }
}

function reliefOf(
  { containers }: Pick<EngineContext, 'containers'>,
  container: Container,
): Pick<ContainerInspect, 'TscomposeRelief'> {
  const { isRelieved } = reliefsNow(containers)
  const relief = isRelieved(container) ? 'relieved' : container.record.relief
  return relief === undefined ? {} : { TscomposeRelief: relief }
}

/** Many containers are told of in one moment. */
const reliefsNow = onceAMoment((containers: EngineContext['containers']) => reliefsAmong(containers.values()))

const configs = new KeptPart<Container, PlannedContainer['Config']>()
const hostConfigs = new KeptPart<Container, PlannedContainer['HostConfig']>()

/** Those that are told as they were asked for. */
const ASKED = [
  'Annotations',
  'AutoRemove',
  'IpcMode',
  'PidMode',
  'TscomposeBudget',
  'TscomposeEgress',
  'TscomposeHostAccess',
  'TscomposePublish',
  'TscomposeSleep',
  'UTSMode',
  'VolumesFrom',
] as const satisfies readonly PlannedHostField[]

function hostConfigOf(
  { containers }: Pick<EngineContext, 'containers'>,
  container: Container,
): PlannedContainer['HostConfig'] {
  const asked = container.record.hostConfig
  const links = linkTexts(containers, container)
  return hostConfigs.of(container, [asked, ...links], () => ({
    ...pick(asked, ASKED),
    NetworkMode: networkModeOf(asked),
    PortBindings: wholePortBindings(asked),
    Links: links.length === 0 ? null : links,
  }))
}

function pick<Name extends keyof HostConfig>(
  from: HostConfig,
  names: readonly Name[],
): Partial<Pick<HostConfig, Name>> {
  const found: Partial<Pick<HostConfig, Name>> = {}
  for (const name of names) if (from[name] !== undefined) found[name] = from[name]
  return found
}
