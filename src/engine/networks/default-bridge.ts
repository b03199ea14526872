import { existsSync } from 'node:fs'
import type { NetworkCreateRequest } from '../../api/types/index.ts'
import { messageOf } from '../../diagnostics/index.ts'
import { familiesOf, planSubnets, readHostAddresses, subnetsOf } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { newId } from '../words/ids.ts'
import { makeNetwork, networkRecord } from './create.ts'
import { DEFAULT_BRIDGE } from './predefined.ts'
import { creatableDriver, subnetRequestOf } from './request.ts'
import { releaseDefaultBridge } from './undo.ts'

/**
 * The default bridge: the one that stands, or the one that will when a container uses it. It has been planned then, and
 * keeps its id, and its subnet unless somebody else has taken that meanwhile.
 */
export async function defaultBridge(engine: EngineContext): Promise<NetworkRecord> {
  const standing = (): NetworkRecord | undefined => engine.networks.findByName(DEFAULT_BRIDGE.name)
  return (
    standing() ??
    (await engine.locks.run('networks', async () => standing() ?? (await planDefaultBridge(engine))))
  )
}

async function planDefaultBridge(engine: EngineContext): Promise<NetworkRecord> {
  const { planned } = engine.networks
  const others = subnetsOf([...engine.networks.values()])
  const preferred = planned?.subnets ?? []
  const request = { ...subnetRequestOf(BODY), predefined: true, preferred }
  const host = await readHostAddresses(engine.native, familiesOf(request))
  const subnets = planSubnets(request, { host, others, seed: engine.paths.root })
  if (planned !== undefined && subnets.every(each => preferred.includes(each))) return planned
  const driver = creatableDriver(DEFAULT_BRIDGE.driver)
  const record = networkRecord(planned?.id ?? newId(), BODY, driver, subnets)
  keepPlan(engine, record)
  return record
}

/** Who only asks what networks there are is answered on a full disk, too: `down` does. */
function keepPlan(engine: EngineContext, record: NetworkRecord): void {
  try {
    engine.networks.plan(record)
  } catch (error) {
    engine.warn({ severity: 'warning', code: 'PLAN_LOST', summary: messageOf(error) })
  }
}

/** What the default bridge is made of. */
const BODY: NetworkCreateRequest = {
  Name: DEFAULT_BRIDGE.name,
  Options: { 'com.docker.network.bridge.default_bridge': 'true' },
}

/**
 * Makes the default bridge, for the first who uses it, so that a machine without such containers has no bridge of ours. It
 * stays as long as the engine does: to make and remove it costs more than a container. The caller has the network's lock.
 */
export async function makeDefaultBridge(engine: EngineContext): Promise<NetworkRecord> {
  const { id } = await defaultBridge(engine)
  const record = await makeNetwork(engine, id, DEFAULT_BRIDGE.name, BODY)
  if (record.subnets.some(each => !engine.networks.planned?.subnets.includes(each))) keepPlan(engine, record)
  return record
}

/** The default bridge as a container that does not run names it; without an id while it was never spoken of. */
export function defaultBridgeName(
  engine: Pick<EngineContext, 'networks'>,
): Pick<NetworkRecord, 'id' | 'name' | 'driver'> {
  return engine.networks.findByName(DEFAULT_BRIDGE.name) ?? engine.networks.planned ?? DEFAULT_BRIDGE
}

/** Removes the one that an engine left which was killed: a container whose run is not cleared may be running yet. */
export async function sweepDefaultBridge(engine: EngineContext): Promise<void> {
  const mayRun = [...engine.containers.values()].some(
    ({ record, paths }) =>
      record.endpoints.some(endpoint => endpoint.networkName === DEFAULT_BRIDGE.name) &&
      existsSync(paths.runFolder),
  )
  if (!mayRun) await releaseDefaultBridge(engine)
}
