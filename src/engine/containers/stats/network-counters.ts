import { readFileSync } from 'node:fs'
import type { ContainerStats, NetworkStats } from '../../../api/types/index.ts'
import { errnoOf } from '../../../diagnostics/index.ts'
import type { Container } from '../../state/container.ts'

/** Traffic by interface; what the host's interfaces count is not the container's. */
export function networksOf({ terms, live }: Container): Pick<ContainerStats, 'networks'> {
  if (terms.network.mode.kind === 'host') return {}
  return { networks: networkStats(live?.status?.pid ?? 0) }
}

function networkStats(pid: number): Record<string, NetworkStats> {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EINVAL') return {}
    throw error
  }
  const interfaces = text.split('\n').flatMap((line): [string, NetworkStats][] => {
    const [, name = '', counters = ''] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === '' || name === 'lo') return []
    const values = counters.split(/\s+/).map(Number)
    const at = (index: number): number => values[index] ?? 0
    const received = { rx_bytes: at(0), rx_packets: at(1), rx_errors: at(2), rx_dropped: at(3) }
    return [
      [name, { ...received, tx_bytes: at(8), tx_packets: at(9), tx_errors: at(10), tx_dropped: at(11) }],
    ]
  })
  return Object.fromEntries(interfaces)
}
