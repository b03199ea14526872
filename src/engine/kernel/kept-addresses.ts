import { existsSync } from 'node:fs'
import { messageOf } from '../../diagnostics/index.ts'
import { announceOps, announcing } from '../../network/index.ts'
import { usedAddresses } from '../endpoints/addresses.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { addressOnly } from '../words/addresses.ts'
import { isOwnMaster } from './endpoints.ts'
import { CONTAINER_THINGS } from './index.ts'
import { isRunning } from './made.ts'
import { driftOf, seeContainer } from './observe.ts'
import { repairContainer } from './repair.ts'
import { renewGuard } from './rules.ts'

/** What is otherwise by other addresses: interfaces and routes, what holds it to them, and its own name. */
const BY_ADDRESSES = /^(endpoint|route|guard|file)\b/

/**
 * Gives a container the addresses of the one that it has relieved and that goes now, beside its own: whoever has looked that one up once finds it there, from then
 * on and whoever comes after it. The caller holds the lock of the one that goes. What fails is a warning: all else is done.
 */
export async function inheritAddresses(
  engine: EngineContext,
  heir: Container,
  gone: Container,
): Promise<void> {
  try {
    await engine.locks.run(heir.id, () => inherit(engine, heir, gone))
  } catch (error) {
    const summary = `${heir.name} has not the addresses of ${gone.name}: ${messageOf(error)}`
    engine.warn({ severity: 'warning', code: 'ADDRESS_NOT_KEPT', summary })
  }
}

async function inherit(engine: EngineContext, heir: Container, gone: Container): Promise<void> {
  // Whoever sets up its network by itself would have to do this, too.
  if (!heir.running || isOwnMaster(engine, heir)) return
  const endpoints = heir.record.endpoints.map(each => inheriting(engine, heir, each, gone))
  if (endpoints.every((each, index) => each === heir.record.endpoints[index])) return
  const before = heir.record.endpoints
  heir.saveRun({ endpoints })
  try {
    const drift = await driftOf(CONTAINER_THINGS, await seeContainer(engine, heir))
    const paths = drift.flatMap(({ Path }) => (BY_ADDRESSES.test(Path) ? [Path] : []))
    await repairContainer(engine, heir, paths)
    await announce(engine, heir)
  } catch (error) {
    // Its names must not lead to what it has not.
    heir.saveRun({ endpoints: before })
    throw error
  }
}

function inheriting(
  engine: EngineContext,
  heir: Container,
  endpoint: EndpointRecord,
  { record }: Container,
): EndpointRecord {
  const before = record.endpoints.find(({ networkId }) => networkId === endpoint.networkId)
  if (before === undefined) return endpoint
  const used = usedAddresses(engine, endpoint.networkId, heir)
  const { linkLocal = [] } = before.wanted
  const kept = (before.kept ?? before.addresses).filter(
    each => ![...used, ...linkLocal].includes(addressOnly(each)) && !endpoint.addresses.includes(each),
  )
  return kept.length === 0 ? endpoint : { ...endpoint, kept }
}

/** Neighbours know these addresses at the interface of the one that has gone. */
async function announce(engine: EngineContext, heir: Container): Promise<void> {
  const sight = await seeContainer(engine, heir)
  const { made, inside } = sight
  if (made === undefined || !isRunning(made) || inside === undefined) return
  await renewGuard(sight)
  const keys = made.endpoints
    .flatMap(({ interfaceName }) => announcing(interfaceName))
    .filter(key => !key.startsWith('net.ipv6') || existsSync('/proc/sys/net/ipv6'))
  await engine.native.run({
    outside: [{ op: 'enter', ...made.process, mapped: false }],
    inside: keys.map(key => ({ op: 'sysctl', key, value: '1' }) as const),
  })
  const setup = announceOps(networkNamespaceOf(heir), inside, made.endpoints)
  if (setup.length > 0) await engine.native.run({ setup })
}
