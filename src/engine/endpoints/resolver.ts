import { failure } from '../../diagnostics/index.ts'
import { isUnknownToMonitor } from '../../native/index.ts'
import { needsRelay } from '../../network/index.ts'
import { DEFAULT_BRIDGE } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { readHostResolvConf, writeEtcFiles } from './etc-files.ts'
import { joinedOf } from './joined.ts'
import { buildNetworkProgram } from './program.ts'
import { rehold } from './rehold.ts'

/**
 * Whether the servers of a container can be others while it runs. Who is in another's network has that one's; and on the default bridge nobody can ask
 * servers at the host's loopback without a resolver of ours, which a container is born with.
 */
export function takesServers({ terms, record }: Container): boolean {
  const { kind } = terms.network.mode
  if (kind !== 'network') return kind !== 'container'
  const onOwn = record.endpoints.some(({ networkName }) => networkName !== DEFAULT_BRIDGE.name)
  return onOwn || !needsRelay({ host: readHostResolvConf(), dns: [] })
}

/** Has a container that runs ask the servers of its terms: its resolv.conf, where it may go, and its resolver. ADAPT_COLD. */
export async function askOthers(engine: EngineContext, container: Container): Promise<void> {
  const { egress } = container.terms.security
  const joined = joinedOf(engine, container)
  writeEtcFiles(engine, container, joined)
  if (egress !== undefined) await rehold(engine, container, egress)
  const program = buildNetworkProgram(engine, container, joined, readHostResolvConf(), undefined)
  const relay = program.supervise.find(each => each.op === 'relay')
  if (relay === undefined || relay.dnsPort === 0) return
  await container.live?.connection.setServers(relay).catch(error => {
    throw isUnknownToMonitor(error) ? olderMonitor(container) : error
  })
}

function olderMonitor({ name }: Container): Error {
  return failure({
    code: 'ADAPT_COLD',
    kind: 'conflict',
    summary: `the servers of container ${name} cannot be changed while it runs: its monitor is of an older version`,
    hint: 'make it anew',
  })
}
