import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { program, requires } from '../../../test/requires.ts'
import { assignPorts, type HeldPort, type PortRequest, refusedPorts } from './assign.ts'
import { findPortHolder, socketInodes } from './holder.ts'
import type { PortWorld } from './port-world.ts'
import { localPorts, numbersInUse, probePort } from './probe.ts'
import { publishable, targetsOf } from './targets.ts'

const EVERYWHERE = ['0.0.0.0', '::']

/** A host on which these ports are taken; random ports count up from 50000. */
function world(
  taken: readonly number[] = [],
  options: { readonly ipv6?: boolean; readonly sctp?: boolean } = {},
): PortWorld {
  let next = 50000
  return {
    probe: async (_, hostIp, port) => {
      if (hostIp.includes(':') && options.ipv6 === false) return { kind: 'noAddress' }
      if (hostIp === '203.0.113.9') return { kind: 'noAddress' }
      const wanted = port === 0 ? next++ : port
      return taken.includes(wanted) ? { kind: 'taken' } : { kind: 'bound', port: wanted }
    },
    numbersInUse: async () => new Set(taken),
    findHolder: async () => 'nginx (pid 7)',
    hasSctp: () => options.sctp === true,
  }
}

/** One that is asked for: everywhere, by TCP, at any port of the host, unless it says otherwise. */
const ask = (containerPort: number, more: Partial<PortRequest> = {}): PortRequest => ({
  protocol: 'tcp',
  containerPort,
  hostIps: EVERYWHERE,
  ...more,
})

const at = (from: number, to = from): Pick<PortRequest, 'range'> => ({ range: { from, to } })

const assign = async (
  requests: readonly PortRequest[],
  on = world(),
  held: readonly HeldPort[] = [],
): Promise<string[]> =>
  (await assignPorts(requests, held, on)).map(
    ({ hostIp, hostPort, containerPort, protocol }) => `${hostIp} ${hostPort} ${containerPort}/${protocol}`,
  )

describe('assignPorts', () => {
  test('takes the same port in both families, and IPv4 alone on a host without IPv6', async () => {
    expect(await assign([ask(80, at(8080))])).toEqual(['0.0.0.0 8080 80/tcp', ':: 8080 80/tcp'])
    expect(await assign([ask(80)], world([], { ipv6: false }))).toEqual(['0.0.0.0 50000 80/tcp'])
  })

  test('takes the first free port of a range, and leaves the ports that others name', async () => {
    const requests = [ask(80, at(8000, 8003)), ask(81, at(8001))]
    expect(await assign(requests, world([8000]))).toEqual(
      expect.arrayContaining(['0.0.0.0 8001 81/tcp', '0.0.0.0 8002 80/tcp']),
    )
  })

  test('refuses SCTP where the kernel has none', async () => {
    const requests = [ask(80, { protocol: 'sctp', ...at(80) })]
    await expect(assign(requests)).rejects.toMatchObject({ code: 'PROTOCOL_UNAVAILABLE' })
    expect(await assign(requests, world([], { sctp: true }))).toEqual(['0.0.0.0 80 80/sctp', ':: 80 80/sctp'])
  })

  test('assigns ten thousand ports by one look, and attempts where a socket has the number', async () => {
    const requests = Array.from({ length: 10_000 }, (_, i) => ask(i + 1, at(20_000 + i)))
    const attempts: number[] = []
    const busy = world([20_000])
    const counting: PortWorld = {
      ...busy,
      probe: (protocol, hostIp, port) => {
        attempts.push(port)
        return busy.probe(protocol, hostIp, port)
      },
    }
    expect(await assign(requests.slice(1), counting)).toHaveLength(2 * 9_999)
    expect(attempts).toEqual([0, 0])
    await expect(assign(requests, counting)).rejects.toThrow('by nginx (pid 7)')
    expect(await assign(requests.slice(1), world([], { ipv6: false }))).toHaveLength(9_999)
  })

  test('tells of each port that is refused, of a container’s or a process’s, up to twenty', async () => {
    const held = {
      protocol: 'tcp',
      hostIp: '0.0.0.0',
      hostPort: 29_999,
      containerPort: 1,
      holder: 'web',
    } as const
    const refused = await refusedPorts(
      [ask(1, at(20_000)), ask(2, at(20_001)), ask(3, at(29_999))],
      [held],
      world([20_000]),
    )
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringContaining('20000/tcp is already in use by nginx'),
      expect.stringContaining('29999/tcp is already in use by container "web"'),
    ])
    const many = Array.from({ length: 100 }, (_, i) => ask(i + 1, at(20_000 + i)))
    const all = world(many.map(({ range }) => range?.from ?? 0))
    expect(await refusedPorts(many, [], all)).toHaveLength(20)
  })

  test('draws random ports until one is free', async () => {
    expect(await assign([ask(80, { hostIps: ['127.0.0.1'] })], world([50000, 50001]))).toEqual([
      '127.0.0.1 50002 80/tcp',
    ])
  })

  test('names who holds a port: a container of ours, or a process', async () => {
    const held = {
      protocol: 'tcp',
      hostIp: '::',
      hostPort: 8080,
      containerPort: 1,
      holder: 'shop-web-1',
    } as const
    const requests = [ask(80, at(8080))]
    await expect(assign(requests, world(), [held])).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('container "shop-web-1"'),
    })
    await expect(assign(requests, world([8080]))).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('nginx (pid 7)'),
    })
  })

  test('does not mind the same port at another address or protocol', async () => {
    const held = {
      protocol: 'tcp',
      hostIp: '127.0.0.2',
      hostPort: 8080,
      containerPort: 1,
      holder: 'x',
    } as const
    const requests = [
      ask(80, { hostIps: ['127.0.0.1'], ...at(8080) }),
      ask(80, { protocol: 'udp', ...at(8080) }),
    ]
    expect(await assign(requests, world(), [held])).toHaveLength(3)
  })

  test('refuses an address that the host does not have', async () => {
    for (const range of [at(80), {}])
      await expect(assign([ask(80, { hostIps: ['203.0.113.9'], ...range })])).rejects.toMatchObject({
        code: 'HOST_ADDRESS_UNAVAILABLE',
      })
  })
})

describe('the real host', () => {
  test('a port that is listened on is taken, and its holder is found', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await probePort('tcp', '127.0.0.1', port)).toEqual({ kind: 'taken' })
    expect(await probePort('udp', '127.0.0.1', port)).toEqual({ kind: 'bound', port })
    expect(await findPortHolder('tcp', port)).toContain(`(pid ${process.pid}: `)
    expect(await numbersInUse('tcp')).toContain(port)
    server.close()
    await once(server, 'close')
    expect(await probePort('tcp', '127.0.0.1', port)).toEqual({ kind: 'bound', port })
    expect(await probePort('tcp', '203.0.113.9', port)).toEqual({ kind: 'noAddress' })
  })

  requires(program('perl')).describe('a port that nobody listens at', () => {
    test.each([
      ['has only bound', ''],
      ['has come by', '; connect(S, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die'],
    ])('the holder of a port that somebody %s is found', async (_, more) => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const own = server.address() as AddressInfo
      const script = `use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(0, INADDR_LOOPBACK)) or die${more};
      $| = 1; print +(unpack_sockaddr_in(getsockname(S)))[0], "\n"; sleep 60`
      const holder = spawn('perl', ['-e', script, String(own.port)])
      const [line] = (await once(holder.stdout, 'data')) as [Buffer]
      expect(await findPortHolder('tcp', Number(line))).toContain(`perl (pid ${holder.pid}: `)
      holder.kill()
      server.close()
    })
  })

  test('socket tables are read by port and state', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1',
      '   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4343 1',
    ].join('\n')
    expect(socketInodes(table, 8080, '0A')).toEqual(['4242'])
    expect(localPorts(table)).toEqual([8080, 8080])
  })
})

describe('targetsOf', () => {
  const port = { protocol: 'tcp', hostPort: 1, containerPort: 2 } as const
  const networks = [
    { networkId: 'inside', addresses: ['10.0.0.2/24'], internal: true },
    { networkId: 'front', addresses: ['172.18.0.2/24', 'fe80::1', 'fd00::2'] },
  ]

  test('leads to the family of the host address, and never into an internal network', () => {
    const hosts = ['0.0.0.0', '::', '127.0.0.1'].map(hostIp => ({ ...port, hostIp }))
    expect(targetsOf(hosts, networks).map(({ targetIp, networkId }) => [targetIp, networkId])).toEqual([
      ['172.18.0.2', 'front'],
      ['fd00::2', 'front'],
      ['172.18.0.2', 'front'],
    ])
  })

  test('crosses families where there is no other way, and leads nowhere without address', () => {
    const host = [{ ...port, hostIp: '::' }]
    expect(targetsOf(host, [{ networkId: 'four', addresses: ['10.0.0.2/24'] }])[0]?.targetIp).toBe('10.0.0.2')
    expect(targetsOf(host, networks.slice(0, 1))).toEqual([])
    expect(targetsOf(host, [])).toEqual([])
  })
})

test('ports that follow each other and lead to such are one', () => {
  const ports = [1, 2, 3, 5].flatMap(number =>
    EVERYWHERE.map(
      hostIp => ({ protocol: 'udp', hostIp, hostPort: number, containerPort: number + 10 }) as const,
    ),
  )
  const [first] = ports
  const odd = first === undefined ? [] : [{ ...first, hostPort: 4, containerPort: 4 }]
  const ranges = targetsOf([...ports, ...odd], [{ networkId: 'n', addresses: ['10.0.0.2'] }])
  expect(
    ranges.map(({ hostIp, hostPort, containerPort, count }) => [hostIp, hostPort, containerPort, count]),
  ).toEqual([
    ['0.0.0.0', 1, 11, 3],
    ['::', 1, 11, 3],
    ['0.0.0.0', 5, 15, 1],
    ['::', 5, 15, 1],
    ['0.0.0.0', 4, 4, 1],
  ])
})

describe('publishable', () => {
  const addresses = (...list: string[]) =>
    publishable([ask(80)], [{ networkId: 'n', addresses: list }])[0]?.hostIps

  test('is a port at addresses of IPv4 where the container has one, at those of IPv6 in any case', () => {
    expect(addresses('10.0.0.2')).toEqual(EVERYWHERE)
    expect(addresses('10.0.0.2', 'fd00::2')).toEqual(EVERYWHERE)
    expect(addresses('fd00::2')).toEqual(['::'])
    expect(addresses('fe80::2')).toBeUndefined()
    expect(
      publishable([ask(80, { hostIps: ['127.0.0.1'] })], [{ networkId: 'n', addresses: ['fd00::2'] }]),
    ).toEqual([])
  })

  test('is at the address that the network has for those that name none, and elsewhere where it names one', () => {
    const networks = [{ networkId: 'n', addresses: ['10.0.0.2'], hostBinding: '127.0.0.1' }]
    const hostIps = (...asked: string[]) => publishable([ask(80, { hostIps: asked })], networks)[0]?.hostIps
    expect([hostIps(...EVERYWHERE), hostIps('0.0.0.0')]).toEqual([['127.0.0.1'], ['0.0.0.0']])
  })

  test('is nothing where all networks are internal, or there is none', () => {
    expect(publishable([ask(80)], [{ networkId: 'n', addresses: ['10.0.0.2'], internal: true }])).toEqual([])
    expect(publishable([ask(80)], [])).toEqual([])
  })
})
