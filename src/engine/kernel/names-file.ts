import { join } from 'node:path'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import { namesFolder } from '../../network/index.ts'
import { tellRelay } from '../endpoints/relay.ts'
import { isDefaultBridge } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { inPlace, type NetworkSight, type Thing } from './thing.ts'

/** The file that relays read a network's names from. */
export const NAMES: Thing<NetworkSight> = {
  paths: ['names'],
  observe({ engine, network }) {
    // Whoever starts on it has it written before.
    if (isDefaultBridge(network) || runningOn(engine, network).length === 0) return []
    const want = engine.names.textOf(network.id)
    const got = readIfThereSync(join(namesFolder(engine.paths.run, network.id), 'names'))
    if (got === want) return []
    return [
      inPlace({
        path: 'names',
        want: 'the names of those on it',
        got: got === undefined ? 'missing' : 'others',
      }),
    ]
  },
  async repair({ engine, network }) {
    await engine.names.update([network.id])
    // A folder that was removed is another one now, and relays hold the old one.
    for (const container of runningOn(engine, network)) await tellRelay(engine, container)
  },
}

/** Those whose relays read it, also of one that sleeps without a process. */
function runningOn(
  { containers }: Pick<EngineContext, 'containers'>,
  { id }: Pick<NetworkRecord, 'id'>,
): Container[] {
  return [...containers.values()].filter(
    each =>
      (each.running || each.restsWithoutProcess) &&
      each.record.endpoints.some(({ networkId }) => networkId === id),
  )
}
