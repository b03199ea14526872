import type {
  ContainerListOptions,
  ContainerSummary,
  EndpointAnswer,
  Filters,
} from '../../api/types/index.ts'
import { namesByLinks } from '../groups/old-links.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { isPort } from '../terms/ports.ts'
import {
  booleanFilter,
  checkChoice,
  checkFilters,
  checkValues,
  matchesLabels,
  matchesName,
} from '../words/filters.ts'
import { renderEndpoints } from './inspect/endpoints.ts'
import { type ContainerSizes, sizesOf } from './inspect/graph-driver.ts'
import { networkModeOf } from './inspect/host-config.ts'
import { renderIds, renderMended } from './inspect/ids.ts'
import { renderMounts } from './inspect/mounts.ts'
import { renderPorts } from './inspect/network-settings.ts'
import { renderOom } from './inspect/state.ts'
import { statusText } from './status-text.ts'

/** What a list takes of the engine. */
export type ListContext = Pick<EngineContext, 'containers' | 'images' | 'networks' | 'localNames'>

type Match = (engine: ListContext, container: Container, values: readonly string[]) => boolean

/** `GET /containers/json`. */
export async function listContainers(
  engine: ListContext,
  options: ContainerListOptions,
): Promise<ContainerSummary[]> {
  const rows = selectContainers(engine, options)
  const linked = namesByLinks(engine.containers.values(), engine.containers)
  const namesOf = ({ id, name }: Container): readonly string[] =>
    [`/${name}`, ...(linked.get(id) ?? [])].sort()
  const isNameOf = rows.length === 0 ? () => false : await engine.images.naming()
  return await Promise.all(
    rows.map(async container => ({
      ...(await summaryOf(engine, container, options.size)),
      Image: imageNameOf(container, isNameOf),
      Names: namesOf(container),
    })),
  )
}

/** The containers that a list has, newest first. A filter on the state, or a limit, looks at all of them. */
export function selectContainers(engine: ListContext, options: ContainerListOptions): Container[] {
  checkListFilters(options.filters)
  const isAll = options.all || options.limit !== undefined || STATE_FILTERS.some(key => options.filters[key])
  const found = [...engine.containers.values()]
    .filter(container => isAll || container.active)
    .filter(container => matchesContainer(engine, container, options.filters))
    .sort((a, b) => (a.record.created < b.record.created ? 1 : -1))
  return options.limit === undefined || options.limit <= 0 ? found : found.slice(0, options.limit)
}

const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const HEALTH_STATES = ['none', 'starting', 'healthy', 'unhealthy']

/** FILTER_INVALID for what Docker refuses, too. */
function checkListFilters(filters: Filters): void {
  checkFilters(filters, Object.keys(MATCHES))
  checkChoice(filters, 'status', STATES)
  checkChoice(filters, 'health', HEALTH_STATES)
  checkValues(filters, 'exited', value => /^-?\d+$/.test(value), 'an exit code', { rule: 'number' })
  checkValues(filters, 'publish', value => /^\d/.test(value), 'a port', { rule: 'port' })
  booleanFilter(filters, 'is-task')
}

const STATE_FILTERS = ['status', 'exited']

/** Whether a container passes the filters of a list or a prune. */
function matchesContainer(engine: ListContext, container: Container, filters: Filters): boolean {
  return Object.entries(filters).every(
    ([key, values]) => values.length === 0 || MATCHES[key]?.(engine, container, values) !== false,
  )
}

const MATCHES: Readonly<Record<string, Match>> = {
  id: (_, container, values) => values.some(value => container.id.startsWith(value)),
  name: (_, container, values) => matchesName(container.name, values),
  label: (_, container, values) => matchesLabels(container.record.config.Labels ?? {}, values),
  status: (_, container, values) => values.includes(container.status),
  exited: (_, container, values) =>
    container.status === 'exited' && values.includes(String(container.record.state.exitCode)),
  health: (_, container, values) => values.includes(container.health?.status ?? 'none'),
  ancestor: (_, container, values) =>
    values.some(value => {
      const { imageId, config } = container.record
      const named = [config.Image, `${config.Image}:latest`]
      return named.includes(value) || imageId === value || imageId.replace('sha256:', '').startsWith(value)
    }),
  network: (_, container, values) =>
    container.record.endpoints.some(
      endpoint => values.includes(endpoint.networkName) || values.includes(endpoint.networkId),
    ) || values.includes(container.record.hostConfig.NetworkMode ?? ''),
  volume: (_, container, values) =>
    container.record.mounts.some(
      mount => values.includes(mount.name ?? '') || values.includes(mount.destination),
    ),
  before: (engine, container, values) =>
    values.some(value => container.record.created < engine.containers.resolve(value).record.created),
  since: (engine, container, values) =>
    values.some(value => container.record.created > engine.containers.resolve(value).record.created),
  publish: (_, container, values) =>
    container.record.ports.some(({ protocol, hostPort }) =>
      values.some(value => isPort(value, { protocol, containerPort: hostPort })),
    ),
  expose: (_, container, values) =>
    container.terms.ports.exposed.some(port => values.some(value => isPort(value, port))),
  'is-task': (_, __, values) => values.includes('false'),
}

async function summaryOf(
  engine: ListContext,
  container: Container,
  size: boolean,
): Promise<Omit<ContainerSummary, 'Names' | 'Image'>> {
  const { record } = container
  const { Annotations } = record.hostConfig
  return {
    Id: record.id,
    ImageID: record.imageId,
    Command: commandText(record.argv),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: renderPorts(container),
    ...(size ? withoutZero(await sizesOf(engine, container)) : {}),
    Labels: record.config.Labels ?? {},
    State: container.status,
    Status: statusText(container),
    HostConfig: {
      NetworkMode: networkModeOf(record.hostConfig),
      ...(Annotations === undefined ? {} : { Annotations }),
    },
    NetworkSettings: { Networks: withoutNames(renderEndpoints(engine, container)) },
    Mounts: renderMounts(container),
    ...renderIds(container),
    ...renderMended(container),
    ...renderOom(container),
    ...renderNames(engine, container),
  }
}

function renderNames(
  { localNames }: ListContext,
  container: Container,
): Pick<ContainerSummary, 'TscomposeNames'> {
  const ports = localNames.portsOf(container)
  if (ports.length === 0) return {}
  const names = ports.map(({ name, port, state }) => ({
    Host: name,
    Port: port,
    Answers: state === 'answers',
  }))
  return { TscomposeNames: names }
}

/** The name that a container was made by, for as long as it means its image; the id where it is gone or another's. */
function imageNameOf({ record }: Container, isNameOf: (name: string, imageId: string) => boolean): string {
  const { imageId, config } = record
  return config.Image !== undefined && isNameOf(config.Image, imageId) ? config.Image : imageId
}

/** Nothing written is not told, in rows alone. */
function withoutZero({ SizeRw, SizeRootFs }: ContainerSizes): Partial<ContainerSizes> {
  return SizeRw === 0 ? { SizeRootFs } : { SizeRw, SizeRootFs }
}

/** A row does not say by what names others call it. */
function withoutNames(
  endpoints: Readonly<Record<string, EndpointAnswer>>,
): Readonly<Record<string, EndpointAnswer>> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => [
      name,
      { ...endpoint, Aliases: null, DNSNames: null },
    ]),
  )
}

/** A command in one line: what has a blank in it is quoted, but for the program itself. */
function commandText([program = '', ...args]: readonly string[]): string {
  return [program, ...args.map(each => (each.includes(' ') ? `'${each}'` : each))].join(' ')
}
