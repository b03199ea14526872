import { describe, expect, test } from 'vitest'
import { localNameOf, routesOf } from './routes.ts'

type Published = Parameters<typeof routesOf>[0] extends Iterable<infer Each> ? Each : never
type Port = Published['published'][number]

function container(labels: Readonly<Record<string, string>>, ...ports: readonly Partial<Port>[]): Published {
  const published = ports.map(
    (port): Port => ({
      protocol: 'tcp',
      hostIp: '127.70.0.1',
      hostPort: 8080,
      containerPort: 80,
      count: 1,
      targetIp: '10.0.0.2',
      networkId: 'n',
      ...port,
    }),
  )
  return { record: { config: { Labels: labels } }, published } as unknown as Published
}

function labels(project: string, instance: string, address = '127.70.0.1'): Record<string, string> {
  return {
    'com.docker.compose.project': project,
    'com.tscompose.instance': instance,
    'com.tscompose.address': address,
  }
}

const A = labels('shop-a', 'a')
const heard = (containers: readonly Published[], ...claimed: Parameters<typeof routesOf>[1]): string[] =>
  routesOf(containers, claimed).map(
    ({ name, port, address, listens }) => `${name}:${port} ${address}${listens ? '' : ' given up'}`,
  )

describe('names of instances at localhost', () => {
  test('lead to the ports of TCP at their own address', () => {
    const ports = [
      { count: 2 },
      { hostPort: 53, protocol: 'udp' },
      { hostPort: 22, hostIp: '10.0.0.1' },
    ] as const
    expect(heard([container(A, ...ports)])).toEqual([
      'a.shop.localhost:8080 127.70.0.1',
      'a.shop.localhost:8081 127.70.0.1',
    ])
  })

  test.each([
    ['127.0.0.1'],
    ['::1'],
    ['0.0.0.0'],
    ['::'],
  ])('have no port that another container has at %s', hostIp => {
    const plain = container({ 'com.docker.compose.project': 'shop' }, { hostIp })
    expect(heard([plain, container(A, {}, { hostPort: 81 })])).toEqual([
      'a.shop.localhost:81 127.70.0.1',
      'a.shop.localhost:8080 127.70.0.1 given up',
    ])
  })

  test('keep the port where others have it elsewhere, or by UDP', () => {
    const others = [
      container({}, { hostIp: '10.0.0.1' }, { hostIp: '127.0.0.1', protocol: 'udp' }),
      container(labels('shop-b', 'b', '127.70.0.2'), { hostIp: '127.70.0.2' }),
    ]
    expect(heard([container(A, {}), ...others])).toEqual([
      'a.shop.localhost:8080 127.70.0.1',
      'b.shop.localhost:8080 127.70.0.2',
    ])
  })

  test('give up all that somebody may be about to have', () => {
    const asked = { protocol: 'tcp', containerPort: 80, hostIps: ['127.0.0.1'] } as const
    const given = ['a.shop.localhost:8080 127.70.0.1 given up']
    expect(heard([container(A, {})], { ...asked, range: { from: 8000, to: 9000 } })).toEqual(given)
    expect(heard([container(A, {})], asked)).toEqual(['a.shop.localhost:8080 127.70.0.1'])
  })

  test.each([
    ['no instance', { 'com.docker.compose.project': 'shop-a' }],
    ['another project', labels('shop-a', 'b')],
    ['no address of loopback', labels('shop-a', 'a', '10.0.0.1')],
    ['no address', labels('shop-a', 'a', '127.0.0.999')],
    ['a name that is too long for a host', labels(`${'s'.repeat(64)}-a`, 'a')],
    ['a name that is none', labels('shop-a.b', 'a.b')],
  ])('there are none of %s', (_, given) => {
    expect(localNameOf(container(given))).toBeUndefined()
  })
})
