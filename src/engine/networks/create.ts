import type { NetworkCreateRequest, NetworkCreateResponse } from '../../api/types/index.ts'
import { failure, undo } from '../../diagnostics/index.ts'
import {
  hasOtherRouteTables,
  hostOf,
  type NetworkDriver,
  type ReservedSubnets,
  readHostAddresses,
  reserveSubnets,
  type SubnetRequest,
} from '../../network/index.ts'
import { setupNetwork } from '../kernel/network.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { checkName } from '../terms/name.ts'
import { newId } from '../words/ids.ts'
import { openNetwork } from './opening.ts'
import { isPredefined, networkKey } from './predefined.ts'
import { undoNetwork } from './remove.ts'
import { checkNetworkRequest, creatableDriver, subnetRequestOf } from './request.ts'

/** `POST /networks/create`: subnets chosen, record written, set up in the kernel by its driver, all or nothing; the firewall follows. */
export async function createNetwork(
  engine: EngineContext,
  body: NetworkCreateRequest,
): Promise<NetworkCreateResponse> {
  const name = checkName('network', body.Name)
  if (isPredefined(name)) {
    throw failure({
      code: 'NETWORK_PREDEFINED',
      kind: 'conflict',
      summary: `operation is not permitted on predefined ${name} network`,
    })
  }
  const id = newId()
  await engine.locks.run(networkKey({ id, name }), () => makeNetwork(engine, id, name, body))
  return { Id: id, Warning: '' }
}

/** As `createNetwork`, for any name: the predefined bridge is made by it too. The caller has the network's lock. */
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
  try {
    openNetwork(engine, record.id)
    await setupNetwork(engine, record)
  } catch (error) {
    await undo(engine, `create network ${name}`, [() => undoNetwork(engine, record)])
    throw error
  } finally {
    release()
  }
  engine.events.publish({
    type: 'network',
    action: 'create',
    id: record.id,
    attributes: { name, type: record.driver },
  })
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
  driver.checkOptions(options, engine.networks.values(), hostOf(engine.native).links)
  const request = { ...subnetRequestOf(body), predefined: isPredefined(name) }
  const { subnets, release } = await subnetsFor(engine, driver, request)
  const record: NetworkRecord = {
    version: 1,
    id,
    name,
    driver: driver.name,
    created: new Date().toISOString(),
    labels: body.Labels ?? {},
    attachable: body.Attachable === true,
    internal: body.Internal === true,
    enableIPv4: request.enableIPv4,
    enableIPv6: request.enableIPv6,
    ipam: body.IPAM ?? {},
    subnets,
    options,
  }
  try {
    engine.networks.save(record)
  } catch (error) {
    release()
    throw error
  }
  return { record, release }
}

async function subnetsFor(
  engine: EngineContext,
  driver: NetworkDriver,
  request: SubnetRequest,
): Promise<ReservedSubnets> {
  if (!driver.hasSubnets) return { subnets: [], release: () => undefined }
  // A VPN's routes are asked for where there are any: the question is a process of its own.
  const native = (await hasOtherRouteTables()) ? engine.native : undefined
  const others = engine.networks.values().flatMap(network => network.subnets)
  return await reserveSubnets(request, { others, seed: engine.paths.root }, () => readHostAddresses(native))
}
