import { addressBytes, formatAddress, parseAddress } from '../ip/address.ts'
import { headerIs, type TableFamily } from '../netlink/index.ts'
import type { PublishedTarget } from '../ports/published.ts'
import { isLoopback, PROTOCOL } from './published-sets.ts'
import { ADDRESSES, inFamily, type OpenPorts, toPorts } from './rule-words.ts'
import { type Rule, rule } from './table.ts'

/** To these ports, in a table of that kind; undefined where it sees nothing of their family. */
export function toOpenPorts(table: TableFamily, ports: OpenPorts): Rule | undefined {
  const { family, at } = ports
  const word = family === 4 ? 'ip' : 'ip6'
  if (table !== word && table !== 'inet') return undefined
  const address = at === undefined ? undefined : parseAddress(at)
  return rule(
    ...(table === 'inet' ? [{ text: `meta nfproto ipv${family}`, encode: () => inFamily(family) }] : []),
    ...(address === undefined
      ? []
      : [
          {
            text: `${word} daddr ${at}`,
            encode: () => headerIs(ADDRESSES[family].daddr, addressBytes(address)),
          },
        ]),
    toPorts(ports),
  )
}

/**
 * Those that have a listening socket which rules of the host are not meant for, reached by other links than `lo`, or by that one; what follows each
 * other, whoever has it, is one.
 */
export function openPorts(published: readonly PublishedTarget[], by: 'links' | 'lo'): OpenPorts[] {
  const all = published
    .filter(({ protocol, proxied }) => protocol !== 'sctp' && proxied !== true)
    .filter(({ hostIp }) => by === 'lo' || !isLoopback(hostIp))
    .map(portsOf)
    .sort((one, other) =>
      placeOf(one) === placeOf(other) ? one.first - other.first : placeOf(one) < placeOf(other) ? -1 : 1,
    )
  const open: OpenPorts[] = []
  for (const each of all) {
    const before = open.at(-1)
    if (before !== undefined && placeOf(before) === placeOf(each) && each.first <= before.last + 1)
      open[open.length - 1] = { ...before, last: Math.max(before.last, each.last) }
    else open.push(each)
  }
  return open
}

function portsOf({ protocol, hostIp, hostPort, count }: PublishedTarget): OpenPorts {
  const address = parseAddress(hostIp)
  return {
    protocol,
    number: PROTOCOL[protocol],
    first: hostPort,
    last: hostPort + count - 1,
    family: address?.family ?? 4,
    ...(address === undefined || address.value === 0n ? {} : { at: formatAddress(address) }),
  }
}

const placeOf = ({ protocol, family, at = '' }: OpenPorts): string => `${protocol} ${family} ${at}`
