import { describe, expect, test } from 'vitest'
import { type ReservedSubnets, reserveSubnets } from './reserve.ts'
import type { SubnetRequest } from './subnets.ts'

const REQUEST: SubnetRequest = { config: [], enableIPv4: true, enableIPv6: false }
/** A prefix of the test's own, lest engines of this machine have reserved what it expects. */
const HOST = ['172.16.0.0/12', '192.168.0.0/16', '10.128.0.0/10']

/** An engine that shares nothing with another but what the host has. */
function choose(host: readonly string[], request = REQUEST): Promise<ReservedSubnets> {
  return reserveSubnets(request, { others: [], seed: '/root' }, () =>
    Promise.resolve({ prefixes: [...HOST, ...host] }),
  )
}
const cidrsOf = (reserved: ReservedSubnets): string[] => reserved.subnets.map(({ subnet }) => subnet)

describe('reserveSubnets', () => {
  test('gives each of those who choose at the same moment another one, until it is released', async () => {
    const all = await Promise.all([choose([]), choose([]), choose([])])
    expect(new Set(all.flatMap(cidrsOf)).size).toBe(3)
    const [first] = all
    all.map(({ release }) => release())
    await expect
      .poll(async () => {
        const again = await choose([])
        again.release()
        return cidrsOf(again)
      })
      .toEqual(first && cidrsOf(first))
  })

  test('chooses again when the host has it by the time it is reserved', async () => {
    const host: string[] = []
    const reserved = await reserveSubnets(REQUEST, { others: [], seed: '/root' }, () => {
      const prefixes = [...HOST, ...host]
      host.push('10.192.0.0/24')
      return Promise.resolve({ prefixes })
    })
    reserved.release()
    expect(cidrsOf(reserved)).toEqual(['10.192.16.0/20'])
  })

  test('takes what was given as it is', async () => {
    const request = { ...REQUEST, config: [{ subnet: '192.0.2.0/24' }] }
    const both = await Promise.all([choose(['192.0.2.0/24'], request), choose([], request)])
    for (const { release } of both) release()
    expect(both.map(cidrsOf)).toEqual([['192.0.2.0/24'], ['192.0.2.0/24']])
  })
})
