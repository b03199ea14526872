import { existsSync } from 'node:fs'
import type { NetworkCreateRequest, NetworkCreateResponse } from '../../api/types/index.ts'
import { failure, undo } from '../../diagnostics/index.ts'
import {
  type HostAddresses,
  hasOtherRouteTables,
  planSubnets,
  readHostAddresses,
  type SubnetRequest,
} from '../../network/index.ts'
import { repairBridge } from '../kernel/bridge.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { checkName } from '../terms/name.ts'
import { newId } from '../words/ids.ts'
import { openNetwork } from './opening.ts'
import { isPredefined, networkKey } from './predefined.ts'
import { undoNetwork } from './remove.ts'

const BRIDGE_OPTION = 'com.docker.network.bridge.'

/** `POST /networks/create`: subnets chosen, record written, bridge in the kernel, all or nothing; the firewall follows. */
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
  checkRequest(body)
  // Subnets must not overlap: only one network is planned at a time.
  // A VPN's routes are asked for where there are any: the question is a process of its own.
  const host = await readHostAddresses((await hasOtherRouteTables()) ? engine.native : undefined)
  const record = await engine.locks.run('networks', () =>
    planNetwork(engine, id, { ...body, Name: name }, host),
  )
  try {
    openNetwork(engine, record.id)
    await repairBridge(engine, record)
  } catch (error) {
    await undo(engine, `create network ${name}`, [() => undoNetwork(engine, record)])
    throw error
  }
  engine.events.publish({
    type: 'network',
    action: 'create',
    id: record.id,
    attributes: { name, type: record.driver },
  })
  return record
}

async function planNetwork(
  engine: EngineContext,
  id: string,
  body: NetworkCreateRequest,
  host: HostAddresses,
): Promise<NetworkRecord> {
  const name = body.Name
  const existing = engine.networks.findByName(name)
  if (existing !== undefined) {
    throw failure({
      code: 'NETWORK_EXISTS',
      kind: 'conflict',
      summary: `network with name ${name} already exists`,
    })
  }
  const request = { ...subnetRequestOf(body), predefined: isPredefined(name) }
  const subnets = planSubnets(request, {
    host,
    others: engine.networks.values().flatMap(network => network.subnets),
    seed: engine.paths.root,
  })
  const record: NetworkRecord = {
    version: 1,
    id,
    name,
    driver: 'bridge',
    created: new Date().toISOString(),
    labels: body.Labels ?? {},
    attachable: body.Attachable === true,
    internal: body.Internal === true,
    enableIPv4: request.enableIPv4,
    enableIPv6: request.enableIPv6,
    ipam: body.IPAM ?? {},
    subnets,
    options: body.Options ?? {},
    ...bridgeSettings(engine, body.Options ?? {}),
  }
  engine.networks.save(record)
  return record
}

function checkRequest(body: NetworkCreateRequest): void {
  if (body.Driver && body.Driver !== 'bridge') {
    throw failure({
      code: 'NETWORK_DRIVER',
      kind: 'invalidArgument',
      summary: `network driver "${body.Driver}" is not supported`,
      hint: 'want bridge; "host" and "none" exist already, as predefined networks',
    })
  }
  if (body.IPAM?.Driver && body.IPAM.Driver !== 'default') {
    throw failure({
      code: 'IPAM_DRIVER',
      kind: 'invalidArgument',
      summary: `IPAM driver "${body.IPAM.Driver}" is not supported, want default`,
    })
  }
  if (body.Ingress === true || body.ConfigOnly === true || body.ConfigFrom?.Network) {
    throw failure({
      code: 'NETWORK_SWARM',
      kind: 'invalidArgument',
      summary: 'Ingress, ConfigOnly and ConfigFrom belong to Swarm, which this engine has not',
    })
  }
}

function subnetRequestOf(body: NetworkCreateRequest): SubnetRequest {
  return {
    enableIPv4: body.EnableIPv4 !== false,
    enableIPv6: body.EnableIPv6 === true,
    config: (body.IPAM?.Config ?? []).map(({ Subnet, Gateway, IPRange, AuxiliaryAddresses }) => ({
      ...(Subnet ? { subnet: Subnet } : {}),
      ...(Gateway ? { gateway: Gateway } : {}),
      ...(IPRange ? { ipRange: IPRange } : {}),
      ...(AuxiliaryAddresses === undefined ? {} : { auxAddresses: AuxiliaryAddresses }),
    })),
  }
}

/** The options of Docker's bridge driver that change what the kernel gets. */
function bridgeSettings(
  engine: EngineContext,
  options: Readonly<Record<string, string>>,
): Pick<NetworkRecord, 'mtu' | 'masquerade' | 'icc' | 'bridgeName'> {
  const mtu = options['com.docker.network.driver.mtu']
  const masquerade = options[`${BRIDGE_OPTION}enable_ip_masquerade`]
  const icc = options[`${BRIDGE_OPTION}enable_icc`]
  const bridge = options[`${BRIDGE_OPTION}name`]
  if (mtu !== undefined && !/^\d{2,5}$/.test(mtu)) throw invalidOption('MTU', mtu, 'a number of bytes')
  if (bridge !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(bridge)) {
    throw invalidOption('bridge name', bridge, 'at most 15 letters, digits, "_", "." and "-"')
  }
  if (bridge !== undefined && engine.networks.findByBridge(bridge) !== undefined) {
    throw invalidOption('bridge name', bridge, 'one that no other network has')
  }
  if (bridge !== undefined && existsSync(`/sys/class/net/${bridge}`)) {
    throw invalidOption('bridge name', bridge, 'one that no interface of this machine has')
  }
  return {
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    ...(masquerade === undefined ? {} : { masquerade: masquerade !== 'false' }),
    ...(icc === undefined ? {} : { icc: icc !== 'false' }),
    ...(bridge === undefined ? {} : { bridgeName: bridge }),
  }
}

function invalidOption(what: string, got: string, want: string): Error {
  return failure({
    code: 'NETWORK_OPTION',
    kind: 'invalidArgument',
    summary: `${what} "${got}" is not allowed, want ${want}`,
  })
}
