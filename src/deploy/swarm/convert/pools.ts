import { BlockList, isIP } from 'node:net'
import type { Network, Path } from '../../../model/index.ts'
import type { Findings } from './findings.ts'

type Pools = NonNullable<Network['ipam']['config']>

/** Tells of address pools that a manager refuses: it wants a subnet of each, with the gateway in it. */
export function tellPools(findings: Findings, pools: Pools, path: Path): void {
  for (const [index, { subnet, gateway }] of pools.entries()) {
    const at = [...path, index]
    const block = subnet === undefined ? undefined : blockOf(subnet)
    if (block === undefined)
      findings.error(
        'SWARM_NETWORK',
        subnet === undefined ? at : [...at, 'subnet'],
        subnet === undefined ? 'a swarm wants the subnet of a pool' : `"${subnet}" is no subnet`,
        'write it as 10.20.0.0/24',
      )
    else if (gateway !== undefined && !has(block, gateway))
      findings.error(
        'SWARM_NETWORK',
        [...at, 'gateway'],
        `"${gateway}" is no address of the subnet ${subnet}`,
      )
  }
}

function blockOf(subnet: string): BlockList | undefined {
  const [address = '', length = '', ...more] = subnet.split('/')
  const family = isIP(address)
  const isLength = /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128)
  if (family === 0 || !isLength || more.length > 0) return undefined
  const block = new BlockList()
  block.addSubnet(address, Number(length), family === 4 ? 'ipv4' : 'ipv6')
  return block
}

function has(block: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && block.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
