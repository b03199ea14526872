import type { NetworkCreateRequest, NetworkCreateResponse } from '../../api/types/index.ts'
import { failure, undo } from '../../diagnostics/index.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import {
  driverNamed,
  familiesOf,
  hostOf,
  type NetworkDriver,
  type ReservedSubnets,
  readHostAddresses,
  reserveSubnets,
  type Subnet,
  type SubnetRequest,
  subnetsOf,
} from '../../network/index.ts'
import { groupOfProject } from '../groups/user-group.ts'
import { warmGroup } from '../groups/user-mapping.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { PROJECT } from '../state/project.ts'
import { checkNetworkName } from '../terms/name.ts'
import { newId } from '../words/ids.ts'
import { openNetwork } from './opening.ts'
import { isPredefined, networkKey } from './predefined.ts'
import { checkNetworkRequest, creatableDriver, subnetRequestOf } from './request.ts'
import { clashesOf, setupNetwork } from './standing.ts'
import { releaseDefaultBridge, undoNetwork } from './undo.ts'

/** `POST /networks/create`: subnets chosen, record written, set up in the kernel by its driver, all or nothing; the firewall follows. */
export async function createNetwork(
  engine: EngineContext,
  body: NetworkCreateRequest,
): Promise<NetworkCreateResponse> {
  const name = checkNetworkName(body.Name)
  if (isPredefined(name)) {
    throw failure({
      code: 'NETWORK_PREDEFINED',
      kind: 'conflict',
      summary: `operation is not permitted on predefined ${name} network`,
      facts: { network: name },
    })
  }
  // Whoever names his addresses has them, though a default bridge that nobody uses may have them yet.
  if ((body.IPAM?.Config ?? []).some(({ Subnet }) => Subnet)) await releaseDefaultBridge(engine)
  const id = newId()
  const record = await engine.locks.run(networkKey({ id, name }), () => makeNetwork(engine, id, name, body))
  const { driver } = record
  // Its containers most often come next; the answer goes first.
  const project = body.Labels?.[PROJECT]
  if (project) setImmediate(() => warmGroup(engine, groupOfProject(project)))
  engine.events.publish({ type: 'network', action: 'create', id, attributes: { name, type: driver } })
  return { Id: id, Warning: [...unknownOptions(driver, body), ...routeWarnings(record)].join('; ') }
}

/** What Docker takes without a word: an option that nothing obeys is most likely misspelt. */
function unknownOptions(driver: string, { Options }: NetworkCreateRequest): string[] {
  const unknown = driverNamed(driver)?.unknownOptions(Options ?? {}) ?? []
  return unknown.map(name => `option ${JSON.stringify(name)} of driver ${driver} has no effect`)
}

/** Docker takes a subnet that the host has already without a word, too, and one of both can't be reached from then on. */
function routeWarnings(network: NetworkRecord): string[] {
  return clashesOf(network, network.subnets).map(
    clash =>
      `subnet ${clash.subnet} overlaps the host's route ${clash.route}${clash.link === '' ? '' : ` to ${clash.link}`}: what is there may not be reached any more`,
  )
}

/** As `createNetwork`, for any name, and told to nobody: the predefined bridge is made by it too. The caller has the network's lock. */
export async function makeNetwork(
  engine: EngineContext,
  id: string,
  name: string,
  body: NetworkCreateRequest,
): Promise<NetworkRecord> {
  const driver = creatableDriver(body.Driver || 'bridge')
  checkNetworkRequest(body)
  // Subnets must not overlap: only one network is planned at a time.
  const { record, release } = await engine.locks.run('networks', () =>
    planNetwork(engine, id, { ...body, Name: name }, driver),
  )
  // The default bridge comes again with the id that it had.
  engine.names.keep(id)
  try {
    await setupNetwork(engine, record)
    openNetwork(engine, record.id)
  } catch (error) {
    await undo(engine, `create network ${name}`, [() => undoNetwork(engine, record)])
    throw error
  } finally {
    release()
  }
  return record
}

interface PlannedNetwork extends Pick<ReservedSubnets, 'release'> {
  readonly record: NetworkRecord
}

async function planNetwork(
  engine: EngineContext,
  id: string,
  body: NetworkCreateRequest,
  driver: NetworkDriver,
): Promise<PlannedNetwork> {
  const name = body.Name
  const existing = engine.networks.findByName(name)
  if (existing !== undefined) {
    throw failure({
      code: 'NETWORK_EXISTS',
      kind: 'conflict',
      summary: `network with name ${name} already exists`,
    })
  }
  const options = body.Options ?? {}
  driver.checkOptions(
    options,
    engine.networks.values(),
    hostOf(engine.native).links,
    body.EnableIPv6 === true,
  )
  await driver.checkMachine(hostOf(engine.native), { options })
  const request: SubnetRequest = isPredefined(name)
    ? { ...subnetRequestOf(body), predefined: true, preferred: engine.networks.planned?.subnets ?? [] }
    : subnetRequestOf(body)
  const { subnets, release } = await subnetsFor(engine, driver, request)
  const { planned } = engine.networks
  const made = networkRecord(id, body, driver, subnets)
  const record = id === planned?.id ? { ...made, created: planned.created } : made
  try {
    engine.networks.save(record)
  } catch (error) {
    release()
    throw error
  }
  return { record, release }
}

/** What is kept of a network, with the subnets that it has. */
export function networkRecord(
  id: string,
  body: NetworkCreateRequest,
  driver: NetworkDriver,
  subnets: readonly Subnet[],
): NetworkRecord {
  const { enableIPv4, enableIPv6 } = subnetRequestOf(body)
  return {
    version: 1,
    id,
    name: body.Name,
    driver: driver.name,
    created: timestamp(),
    labels: body.Labels ?? {},
    attachable: body.Attachable === true,
    internal: body.Internal === true,
    enableIPv4,
    enableIPv6,
    ipam: body.IPAM ?? {},
    subnets,
    options: body.Options ?? {},
  }
}

async function subnetsFor(
  engine: EngineContext,
  driver: NetworkDriver,
  request: SubnetRequest,
): Promise<ReservedSubnets> {
  if (!driver.hasSubnets) return { subnets: [], release: () => undefined }
  const others = subnetsOf([...engine.networks.values()])
  const reserved = request.predefined === true ? [] : (engine.networks.planned?.subnets ?? [])
  return await reserveSubnets(request, { others, reserved, seed: engine.paths.root }, () =>
    readHostAddresses(engine.native, familiesOf(request)),
  )
}
