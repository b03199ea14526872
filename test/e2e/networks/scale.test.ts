// What a machine has of many: services of a project, projects one after the other, networks, and a server that others replace a hundred times.
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { parsePrefix } from '../../../src/network/ip/prefix.ts'
import { asked, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { takeInventory, untilNothingIsLeft } from '../harness/inventory.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 600_000 })

const SERVICES = Array.from({ length: 200 }, (_, at) => `s${at + 1}`)

requires(asked('TSCOMPOSE_TEST_SCALE')).describe('two hundred services on one network', () => {
  let sandbox: Sandbox
  let docker: Docker
  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    docker = new Docker({ socketPath: sandbox.socket })
    const services = SERVICES.map(name => `  ${name}: {image: busybox, init: true, command: sleep 10000}`)
    sandbox.write('compose.yaml', `services:\n${services.join('\n')}\n`)
  })
  afterAll(async () => {
    docker.modem.destroy()
    await sandbox.close()
  })

  const descriptors = (): number => readdirSync(`/proc/${sandbox.enginePid()}/fd`).length
  /** The lines `NAME ADDRESS` that a service is answered with, for all names. */
  const resolvedBy = async (project: string, service: string): Promise<readonly string[]> => {
    const line = `for s in ${SERVICES.join(' ')}; do echo $s $(nslookup -type=a $s 127.0.0.11 | sed '1,/^$/d' | sed -n 's/^Address: //p'); done`
    const { stdout } = await sandbox.ok('-p', project, 'exec', '-T', service, 'sh', '-c', line)
    return stdout.trim().split('\n').sort()
  }
  /** What the kernel has of the engine; links are known by what the records said in an earlier look. */
  const inKernel = (): object => {
    const { links, mounts, cgroups, tables } = takeInventory(sandbox.env)
    return { links, mounts, cgroups, tables }
  }
  const addressesIn = async (project: string): Promise<readonly string[]> => {
    const { Containers = {} } = await docker.getNetwork(`${project}_default`).inspect()
    return Object.values(Containers)
      .map(({ Name, IPv4Address }) => `${Name.split('-')[1]} ${IPv4Address.replace(/\/.*/, '')}`)
      .sort()
  }

  test('each finds each by name, and of twenty such projects one after the other nothing is left', async () => {
    const before = JSON.stringify(inKernel())
    const counted: number[] = []
    for (let round = 1; round <= 20; round++) {
      const project = `many${round}`
      await sandbox.ok('-p', project, 'up', '-d')
      const addresses = await addressesIn(project)
      expect(new Set(addresses.map(each => each.split(' ')[1])).size).toBe(SERVICES.length)
      for (const service of round === 1 ? ['s1', 's100', 's200'] : [`s${round}`])
        expect(await resolvedBy(project, service)).toEqual(addresses)
      inKernel()
      await sandbox.ok('-p', project, 'down', '-t', '0')
      await eventually('all is as before', () => JSON.stringify(inKernel()) === before)
      counted.push(descriptors())
    }
    // One a project would be ten more; workers for commands come and go.
    const [early, late] = [counted.slice(0, 10), counted.slice(10)]
    expect(Math.max(...late), counted.join()).toBeLessThan(Math.max(...early) + 8)
  })
})

requires(asked('TSCOMPOSE_TEST_SCALE')).test('a thousand networks have subnets of their own, and go', {
  timeout: 1_200_000,
}, async () => {
  const sandbox = makeSandbox()
  try {
    await sandbox.busybox()
    const release = await sandbox.hold()
    const docker = new Docker({ socketPath: sandbox.socket })
    const ids: string[] = []
    for (let at = 0; at < 1000; at++) ids.push((await docker.createNetwork({ Name: `scale${at}` })).id)
    const networks = await docker.listNetworks()
    const prefixes = networks
      .flatMap(({ IPAM }) => IPAM?.Config ?? [])
      .flatMap(({ Subnet = '' }) => parsePrefix(Subnet) ?? [])
      .sort((one, other) => (one.base < other.base ? -1 : 1))
    expect(prefixes.length).toBeGreaterThanOrEqual(1000)
    for (const [at, { base, length }] of prefixes.entries()) {
      const next = prefixes[at + 1]
      if (next !== undefined) expect(next.base).toBeGreaterThanOrEqual(base + (1n << BigInt(32 - length)))
    }
    for (const id of ids) await docker.getNetwork(id).remove()
    docker.modem.destroy()
    release()
    await untilNothingIsLeft(sandbox.env)
  } finally {
    await sandbox.close()
  }
})

requires(asked('TSCOMPOSE_TEST_SCALE')).describe('nginx with an upstream by name', () => {
  let sandbox: Sandbox
  let port: number
  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    port = await freePort()
    sandbox.write(
      'proxy/Dockerfile',
      'FROM debian:bookworm\nRUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nginx-light\nCOPY site.conf /etc/nginx/sites-enabled/default\nCMD ["nginx", "-g", "daemon off;"]\n',
    )
    // The name is looked up once, when nginx starts.
    sandbox.write(
      'proxy/site.conf',
      'server { listen 80; location / { proxy_pass http://backend:80; proxy_connect_timeout 1s; proxy_read_timeout 1s; } }\n',
    )
    const server = (name: string): string =>
      `{image: busybox, init: true, stop_signal: KILL, command: [sh, -c, "mkdir -p /www; echo ${name} >/www/index.html; exec httpd -f -h /www -p [::]:80"]}`
    sandbox.write(
      'compose.yaml',
      `name: upstream\nservices:\n  proxy: {build: ./proxy, ports: ["127.0.0.1:${port}:80"], depends_on: [backend]}\n  backend: ${server('backend')}\n  other: ${server('other')}\n  third: ${server('third')}\n`,
    )
    await sandbox.ok('up', '-d', '--build')
  })
  afterAll(() => sandbox.close())

  test('reaches nobody else while its server is made anew a hundred times, beside others that are, too', async () => {
    const answers = new Map<string, number>()
    let isOver = false
    const asking = (async () => {
      while (!isOver) {
        // One whose server is killed over it ends in the middle.
        const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(3_000) })
          .then(async response => (response.ok ? (await response.text()).trim() : String(response.status)))
          .catch(() => 'none')
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
        await delay(2)
      }
    })()
    for (let round = 0; round < 100; round++)
      await sandbox.ok('up', '-d', '--force-recreate', '--no-deps', 'backend', 'other', 'third')
    isOver = true
    await asking
    expect([...answers.keys()].filter(each => !['backend', '502', '504', 'none'].includes(each))).toEqual([])
    expect(answers.get('backend') ?? 0).toBeGreaterThan(100)
    const last = await fetch(`http://127.0.0.1:${port}/`)
    expect((await last.text()).trim()).toBe('backend')
  })
})
