import { expect, test } from 'vitest'
import type { FlowMatch } from '../../native/index.ts'
import type { PublishedTarget } from '../ports/published.ts'
import type { FirewallNetwork } from './firewall-state.ts'
import { flowsOfNobody, haveChangedUdp, staleFlows } from './stale-flows.ts'

const NETWORK: FirewallNetwork = {
  id: 'ab'.repeat(32),
  name: 'front',
  link: 'tsc-1',
  internal: false,
  subnets: ['172.18.0.0/24'],
  masqueraded: [],
}
const udp = (more: Partial<PublishedTarget> = {}): PublishedTarget => ({
  protocol: 'udp',
  hostIp: '0.0.0.0',
  hostPort: 53,
  containerPort: 5353,
  targetIp: '172.18.0.5',
  networkId: NETWORK.id,
  count: 1,
  ...more,
})
const told = (before: readonly PublishedTarget[] | 'unknown', published: readonly PublishedTarget[]) =>
  staleFlows(before, { published, networks: [NETWORK] }).map(
    ({ keeps, when, ports, target, protocol }: FlowMatch) =>
      [
        keeps ? 'keep' : 'end',
        protocol ?? 'any',
        ports?.join('-') ?? 'all',
        ...when,
        target ? `${[...target.bytes].join('.')}/${target.bits}` : '',
      ].join(' '),
  )

const LED = 'translated shifted 172.18.0.5/32'

test('the connections of a port that another has now stay while they are drained, and end behind that', () => {
  const tcp = (targetIp: string): PublishedTarget => udp({ protocol: 'tcp', targetIp })
  const [old, next] = [tcp('172.18.0.5'), tcp('172.18.0.6')]
  const draining = { published: [next], draining: [old], networks: [NETWORK] }
  expect(staleFlows([old], draining)).toEqual([])
  const ended = staleFlows([next, old], { published: [next], networks: [NETWORK] })
  expect(ended.map(({ keeps, target }) => [keeps === true, target?.bytes[3]])).toEqual([
    [false, 5],
    [true, 6],
  ])
})

test('a port that goes takes the flows along that it led somewhere, one that comes those that went elsewhere', () => {
  expect(told([udp()], [])).toEqual([`end 17 53-53 ${LED}`])
  expect(told([], [udp()])).toEqual(['end 17 53-53 ofClient ', `keep 17 53-53 ${LED}`])
  expect(told([udp()], [udp({ targetIp: '172.18.0.6' })])).toEqual([
    `end 17 53-53 ${LED}`,
    'end 17 53-53 ofClient ',
    'keep 17 53-53 translated shifted 172.18.0.6/32',
  ])
})

test('what stays is left alone, and so is what no kernel translates', () => {
  expect(told([udp(), udp({ hostIp: '127.0.0.1' })], [udp(), udp({ hostPort: 54, proxied: true })])).toEqual(
    [],
  )
})

test('connections begin anew by themselves where a port comes, and end where it goes', () => {
  const tcp = udp({ protocol: 'tcp', count: 3 })
  expect(told([], [tcp])).toEqual([])
  expect(told([tcp], [])).toEqual([`end 6 53-55 ${LED}`])
  expect([haveChangedUdp([tcp], { published: [] }), haveChangedUdp([], { published: [udp(), tcp] })]).toEqual(
    [false, true],
  )
})

test('an engine that knows nothing looks at all that goes to containers', () => {
  expect(told('unknown', [udp()])).toEqual([
    'end any all translated 172.18.0.0/24',
    'end 17 53-53 ofClient ',
    `keep 17 53-53 ${LED}`,
  ])
})

test('an address that nobody has any more takes its flows along; an engine that knows none of before leaves those that are had', () => {
  const from = (left: Iterable<string> | 'unknown', held: readonly string[]): string[] =>
    flowsOfNobody(left, held, { networks: [NETWORK] }).map(
      ({ keeps, when, target }) =>
        `${keeps ? 'keep' : 'end'} ${when.join()} ${[...(target?.bytes ?? [])].join('.')}/${target?.bits}`,
    )
  expect(from(['172.18.0.5', '172.18.0.6'], ['172.18.0.6'])).toEqual(['end fromTarget 172.18.0.5/32'])
  expect(from('unknown', ['172.18.0.1'])).toEqual([
    'end fromTarget 172.18.0.0/24',
    'keep fromTarget 172.18.0.1/32',
  ])
})
