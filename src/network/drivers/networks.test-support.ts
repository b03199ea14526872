import type { NetlinkOp, Op } from '../../native/index.ts'
import type { Endpoint, Links, Network } from './driver.ts'

/** A bridge network whose id is all one hex digit, with the subnet 172.18.<digit>.0/24. */
export const network = (letter: string, more: Partial<Network> = {}): Network => ({
  id: letter.repeat(64),
  name: letter,
  driver: 'bridge',
  internal: false,
  subnets: [
    {
      subnet: `172.18.${Number.parseInt(letter, 16)}.0/24`,
      gateway: `172.18.${Number.parseInt(letter, 16)}.1`,
    },
  ],
  options: {},
  ...more,
})

/** An endpoint with the second address of the network's subnet. */
export const endpoint = (of: Network, interfaceName = 'eth0', more: Partial<Endpoint> = {}): Endpoint => ({
  id: of.id.replace(/./g, 'e'),
  network: of,
  interfaceName,
  macAddress: '02:00:00:00:00:01',
  addresses: [`${of.subnets[0]?.gateway.replace(/\.1$/, '.2')}/24`],
  ...more,
})

/** What operations of netlink are for, with the namespace that they work in. */
export const purposes = (ops: readonly Op[]): string[] =>
  ops.filter((op): op is NetlinkOp => op.op === 'netlink').map(op => `${op.netns}: ${op.purpose}`)

/** A host that has no links, but those that are given. */
export const noLinks = (more: Partial<Links> = {}): Links => ({
  has: () => false,
  indexOf: () => undefined,
  macOf: () => undefined,
  portOf: () => undefined,
  masterOf: () => undefined,
  portsOf: () => [],
  isUp: () => false,
  mtuOf: () => undefined,
  addressesOf: () => undefined,
  ...more,
})
