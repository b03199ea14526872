import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { relayConfinement } from '../../../src/engine/security/index.ts'
import { sysctlName } from '../../../src/engine/security/sysctls.ts'
import type { Native } from '../../../src/native/index.ts'
import { ensureBridge } from '../../../src/network/drivers/bridge-device.ts'
import {
  endpointNames,
  Firewall,
  firewallNetworks,
  networkProgram,
  type PublishedPort,
  targetsOf,
  writeNames,
} from '../../../src/network/index.ts'
import { endpointOps } from '../../../src/network/program/endpoints.ts'
import { eventually } from '../harness/eventually.ts'
import { endpointOf, Lab, networkOf, type Place } from '../harness/network-lab.ts'
import { NativeLab } from './native-lab.ts'

describe('a container on networks', () => {
  const lab = new Lab()
  const container = new NativeLab()
  const [front, back, other, small] = [
    networkOf('front', 1),
    networkOf('back', 2, { internal: true }),
    networkOf('other', 3),
    networkOf('small', 4, {
      subnets: [{ subnet: '10.77.4.0/24', gateway: '10.77.4.1' }],
      options: { 'com.docker.network.driver.mtu': '1200' },
    }),
  ]
  const endpoints = [endpointOf(front, 2), endpointOf(back, 2, 'eth1'), endpointOf(small, 2, 'eth2')]
  const ports: PublishedPort[] = ['0.0.0.0', '::'].map(hostIp => ({
    protocol: 'tcp',
    hostIp,
    hostPort: 8080,
    containerPort: 80,
  }))
  const published = targetsOf(
    ports,
    endpoints.map(({ network, addresses }) => ({
      networkId: network.id,
      addresses,
      internal: network.internal,
    })),
  )
  let run = ''
  let host: Place, lan: Place, stranger: Place, web: Place
  let native: Native

  beforeAll(async () => {
    run = await mkdtemp('/var/tmp/tsc-run-')
    const place = (): Promise<Place> => lab.place()
    ;[host, lan, stranger] = await Promise.all([place(), place(), place()])
    native = lab.native(host)
    await lab.run(host, 'sysctl -qw net.ipv4.ip_forward=1')
    await lab.run(host, `ip link add lan0 type veth peer name eth0 netns ${lan.pid}`)
    await lab.run(host, 'ip addr add 192.0.2.1/24 dev lan0; ip link set lan0 up')
    await lab.run(lan, 'ip addr add 192.0.2.2/24 dev eth0; ip link set eth0 up')
    for (const network of [front, back, other, small]) await ensureBridge(native, network)
    const setup = [{ op: 'openNetns', path: stranger.netns } as const, ...endpointOps([endpointOf(other, 2)])]
    await native.run({ setup })
    await new Firewall({
      engineId: 'fedcba',
      state: () => ({ networks: firewallNetworks([front, back, other]), published }),
      native,
    }).apply()
    await startWeb()
  })
  afterAll(async () => {
    await container.close()
    await lab.close()
    rmSync(run, { recursive: true, force: true })
  })

  async function startWeb(): Promise<void> {
    const names = endpointNames({
      containerName: 'app-web-1',
      containerId: 'c'.repeat(64),
      networkName: 'front',
      aliases: ['web'],
    })
    await writeNames(run, front.id, [{ names, addresses: endpoints[0]?.addresses ?? [] }])
    await writeNames(run, back.id, [{ names: ['db'], addresses: ['10.77.2.9'] }])
    await writeNames(run, small.id, [])
    const network = networkProgram({
      run,
      endpoints,
      published,
      guarded: true,
      relay: relayConfinement(process.arch === 'arm64' ? 'aarch64' : 'x86_64'),
      dns: true,
      upstreams: [],
      askInside: false,
      ipv6: true,
    })
    symlinkSync('busybox', container.path('layer/bin/httpd'))
    mkdirSync(container.path('layer/page'))
    writeFileSync(container.path('layer/page/index.html'), 'page of web')
    const program = container.monitored({
      argv: ['httpd', '-f', '-h', '/page', '-p', '[::]:80'],
    })
    const sysctls = network.sysctls.map(
      ({ key, ...rest }) => ({ op: 'sysctl', key: sysctlName(key), ...rest }) as const,
    )
    await native.startMonitor({
      ...program,
      supervise: [...(program.supervise ?? []), ...network.supervise],
      setup: [...(program.setup ?? []), ...network.setup],
      inside: [...(program.inside ?? []), ...sysctls].sort((a, b) => order(a.op) - order(b.op)),
    })
    const { pid } = await (await container.connect()).start()
    web = { pid, netns: `/proc/${pid}/ns/net` }
    await eventually('it listens', () => lab.fetch(web, 'http://10.77.1.2/'))
  }

  /** Sysctls are written before rights are dropped. */
  function order(op: string): number {
    return ['user', 'capabilities', 'chdir', 'seccomp'].indexOf(op)
  }

  test('has its interfaces, routes and sysctls', async () => {
    const addresses = await lab.run(web, 'ip -br addr')
    for (const text of [
      'lo',
      '127.0.0.1/8',
      'eth0@',
      '10.77.1.2/24',
      'fd00:77:1::2/64',
      'eth1@',
      '10.77.2.2/24',
    ])
      expect(addresses).toContain(text)
    expect(await lab.run(web, 'ip route show default')).toContain('via 10.77.1.1 dev eth0')
    expect(await lab.run(web, 'cat /proc/sys/net/ipv6/conf/eth0/accept_ra')).toBe('0')
    // Below 1280 bytes an interface has nothing of IPv6.
    expect(await lab.run(web, 'ls /proc/sys/net/ipv6/conf')).not.toContain('eth2')
  })

  test('finds names of its networks by 127.0.0.11, and no others', async () => {
    expect(await lab.resolve(web, 'web')).toBe('10.77.1.2')
    expect(await lab.resolve(web, 'WEB', 'AAAA')).toBe('fd00:77:1::2')
    expect(await lab.resolve(web, 'db')).toBe('10.77.2.9')
    expect(await lab.resolve(web, 'example.com')).toBe('ESERVFAIL')
    await writeNames(run, back.id, [{ names: ['db'], addresses: ['10.77.2.10'] }])
    expect(await lab.resolve(web, 'db')).toBe('10.77.2.10')
  })

  test('asks the relay at port 53, whatever firewall of its own follows connections', async () => {
    const rules = await lab.run(web, 'nft -nn list table ip tscompose_resolver')
    expect(rules.match(/ip .* set \d+/g)).toEqual([
      'ip daddr 127.0.0.11 udp dport 53 udp dport set 61053',
      'ip daddr 127.0.0.11 tcp dport 53 tcp dport set 61053',
      'ip saddr 127.0.0.11 udp sport 61053 udp sport set 53',
      'ip saddr 127.0.0.11 tcp sport 61053 tcp sport set 53',
    ])
    const accept = 'policy drop; ip daddr 127.0.0.11 accept; ct state established accept;'
    const chains = ['input', 'output'].map(
      hook => `chain ${hook} { type filter hook ${hook} priority 0; ${accept} }`,
    )
    await lab.run(web, `nft 'table ip own { ${chains.join('\n')}\n}'`)
    expect(await lab.resolve(web, 'web')).toBe('10.77.1.2')
    expect(await lab.resolveTcp(web, 'web')).toBe('10.77.1.2')
    await lab.run(web, 'nft delete table ip own')
  })

  test.each(['127.0.0.1', '[::1]', '192.0.2.1', '10.77.1.1'])('answers on the host at %s', async address => {
    expect(await lab.fetch(host, `http://${address}:8080/`)).toBe('page of web')
  })

  test('answers other machines, containers of other networks, and itself by the host’s addresses', async () => {
    expect(await lab.fetch(lan, 'http://192.0.2.1:8080/')).toBe('page of web')
    expect(await lab.fetch(stranger, 'http://10.77.3.1:8080/')).toBe('page of web')
    expect(await lab.fetch(stranger, 'http://192.0.2.1:8080/')).toBe('page of web')
    expect(await lab.fetch(web, 'http://192.0.2.1:8080/')).toBe('page of web')
    expect(await lab.fetch(stranger, 'http://10.77.1.2/')).toBeUndefined()
  })
})
