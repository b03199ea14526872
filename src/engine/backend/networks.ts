import type { NetworkBackend } from '../../api/backend/networks.ts'
import type {
  Filters,
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkCreateResponse,
  NetworkDisconnectRequest,
  NetworkInspect,
  NetworkListOptions,
  NetworkPruneResponse,
  RepairRequest,
} from '../../api/types/index.ts'
import { connectContainer } from '../endpoints/connect.ts'
import { disconnectContainer } from '../endpoints/disconnect.ts'
import { tellMended } from '../kernel/mended.ts'
import type { Mender } from '../kernel/mender.ts'
import { observeNetwork } from '../kernel/observe.ts'
import { repairNetwork } from '../kernel/repair.ts'
import { OF_INTERFACES, writeSysctls } from '../kernel/settings.ts'
import { createNetwork } from '../networks/create.ts'
import { allNetworks, findNetwork } from '../networks/find.ts'
import { inspectNetwork, renderNetwork } from '../networks/inspect.ts'
import { isPredefined } from '../networks/predefined.ts'
import { pruneNetworks, removeNetwork } from '../networks/remove.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { checkFilters, checkValues, matchesLabels, matchesName } from '../words/filters.ts'

const FILTERS = ['id', 'name', 'label', 'driver', 'type', 'scope', 'dangling']

const NETWORK_TYPE = { rule: 'network type' }
const NETWORK_SWITCH = { rule: 'network switch' }

function isSwitch(value: string): boolean {
  return ['true', '1', 'false', '0'].includes(value)
}

/** Networks, and who is on them. */
export class Networks implements NetworkBackend {
  readonly #engine: EngineContext
  readonly #mender: Pick<Mender, 'forget'>

  constructor(engine: EngineContext, mender: Pick<Mender, 'forget'>) {
    this.#engine = engine
    this.#mender = mender
  }

  create(body: NetworkCreateRequest): Promise<NetworkCreateResponse> {
    return this.#engine.unfinished.run(body.Labels, () => createNetwork(this.#engine, body))
  }

  async list(options: NetworkListOptions): Promise<readonly NetworkInspect[]> {
    checkFilters(options.filters, FILTERS)
    const types = ['builtin', 'custom']
    checkValues(options.filters, 'type', value => types.includes(value), 'builtin or custom', NETWORK_TYPE)
    checkValues(options.filters, 'dangling', isSwitch, 'true or false', NETWORK_SWITCH)
    // Docker's three have no labels, and to say what the default bridge will be takes a look at all addresses of the machine.
    const isLabelled = (options.filters['label']?.length ?? 0) > 0
    const all = isLabelled ? [...this.#engine.networks.values()] : await allNetworks(this.#engine)
    const row =
      options.containers === true
        ? (network: NetworkRecord) => inspectNetwork(this.#engine, network)
        : renderNetwork
    return all.map(row).filter(network => matchesNetwork(this.#engine, network, options.filters))
  }

  async inspect(id: string, asked = { drift: true }): Promise<NetworkInspect> {
    const network = await findNetwork(this.#engine, id)
    const drift = asked.drift ? await observeNetwork(this.#engine, network) : []
    return {
      ...inspectNetwork(this.#engine, network),
      ...(drift.length === 0 ? {} : { TscomposeDrift: drift }),
    }
  }

  async repair(id: string, { Paths }: RepairRequest): Promise<void> {
    const network = await findNetwork(this.#engine, id)
    this.#mender.forget(network.id, Paths)
    tellMended(this.#engine, network, await repairNetwork(this.#engine, network, Paths))
  }

  async connect(id: string, body: NetworkConnectRequest): Promise<void> {
    // Of two that are not there, Docker names the container.
    await wakeContainer(this.#engine.containers.resolve(body.Container))
    const engine = this.#engine
    await connectContainer(engine, await findNetwork(engine, id), body, container =>
      writeSysctls({ engine, container }, OF_INTERFACES),
    )
  }

  async disconnect(id: string, body: NetworkDisconnectRequest): Promise<void> {
    const container = this.#engine.containers.resolve(body.Container)
    await wakeContainer(container)
    const network = await findNetwork(this.#engine, id)
    await disconnectContainer(this.#engine, network, container, body.Force === true)
  }

  async remove(id: string): Promise<void> {
    const { labels } = await findNetwork(this.#engine, id)
    await this.#engine.unfinished.run(labels, () => removeNetwork(this.#engine, id))
  }

  prune(filters: Filters): Promise<NetworkPruneResponse> {
    return pruneNetworks(this.#engine, filters)
  }
}

function matchesNetwork(engine: EngineContext, network: NetworkInspect, filters: Filters): boolean {
  const isUsed = (): boolean =>
    [...engine.containers.values()].some(each =>
      each.record.endpoints.some(endpoint => endpoint.networkId === network.Id),
    )
  const matches: Readonly<Record<string, (values: readonly string[]) => boolean>> = {
    id: values => values.some(value => network.Id.startsWith(value)),
    name: values => matchesName(network.Name, values),
    label: values => matchesLabels(network.Labels, values),
    driver: values => values.includes(network.Driver),
    type: values => values.includes(isPredefined(network.Name) ? 'builtin' : 'custom'),
    scope: values => values.includes(network.Scope),
    dangling: values =>
      values.some(value => ['true', '1'].includes(value) === (!isPredefined(network.Name) && !isUsed())),
  }
  return Object.entries(filters).every(
    ([key, values]) => values.length === 0 || matches[key]?.(values) !== false,
  )
}
