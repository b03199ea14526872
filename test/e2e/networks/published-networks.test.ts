// A published port leads to the networks that its container is on by now, by the relay and by nftables alike.
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker
let port: number

const compose = (): string => `
name: moved
services:
  web: {image: busybox, init: true, command: nc -ll -p 80 -e echo web, networks: [one, two], ports: ["127.0.0.1:${port}:80"]}
  stays: {image: busybox, init: true, command: sleep 100000, networks: [one, two]}
networks: {one: {}, two: {}}
`

/** What answers at the port, '' where nobody does: by a connection that is led, or, from an address of its own, through the relay. */
const answers = (localAddress?: string): Promise<string> =>
  new Promise(resolve => {
    let heard = ''
    const socket = connect({
      host: '127.0.0.1',
      port,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    socket.on('data', bytes => {
      heard += bytes
    })
    // Refused, reset or ended: what was heard until then is the answer.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard.trim()))
  })
const answered = (word: string): Promise<boolean> =>
  eventually(
    `"${word}" is answered`,
    async () => (await answers()) === word && (await answers('127.0.0.1')) === word,
  )

const move = async (action: 'connect' | 'disconnect', network: string): Promise<void> => {
  await docker.getNetwork(`moved_${network}`)[action]({ Container: 'moved-web-1' })
}
const addressOn = async (name: string, network: string): Promise<string | undefined> =>
  (await docker.getContainer(name).inspect()).NetworkSettings.Networks[`moved_${network}`]?.IPAddress

beforeAll(async () => {
  port = await freePort()
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', compose())
  await sandbox.ok('up', '-d')
  docker = new Docker({ socketPath: sandbox.socket })
})
afterAll(() => sandbox.close())

test('it goes on by another network when the one that it led to is left', async () => {
  await answered('web')
  await move('disconnect', 'one')
  await answered('web')
})

test('nobody listens when none is left, and who gets the address next is not reached', async () => {
  const address = await addressOn('moved-web-1', 'two')
  await move('disconnect', 'two')
  const thieves: string[] = []
  for (const at of [1, 2, 3, 4]) {
    const name = `thief-${at}`
    await sandbox.ok(
      'run',
      '-d',
      '--name',
      name,
      '--no-deps',
      'stays',
      'nc',
      '-ll',
      '-p',
      '80',
      '-e',
      'echo',
      name,
    )
    thieves.push(name)
    if ((await addressOn(name, 'two')) === address) break
  }
  expect(await addressOn(thieves.at(-1) ?? '', 'two')).toBe(address)
  await answered('')
  expect((await docker.getContainer('moved-web-1').inspect()).NetworkSettings.Ports).toEqual({})
  await Promise.all(thieves.map(name => docker.getContainer(name).remove({ force: true })))
})

test('an interface that comes while the container runs hears no router, as one that came at its start', async () => {
  await move('connect', 'two')
  // What the container makes itself has IPv6.
  const settings = ['eth0/accept_ra', 'eth0/disable_ipv6', 'default/disable_ipv6']
  const files = settings.map(name => `/proc/sys/net/ipv6/conf/${name}`)
  expect((await sandbox.ok('exec', '-T', 'web', 'cat', ...files)).stdout).toBe('0\n1\n0\n')
  await move('disconnect', 'two')
})

test('it is there again when the container comes back to a network, and after a restart', async () => {
  await move('connect', 'one')
  await answered('web')
  await docker.getContainer('moved-web-1').restart({ t: 0 })
  await answered('web')
})

test('an interface whose IPv6 a sysctl has switched off has none, on a network that has it, and nothing of that is drift', async () => {
  sandbox.write(
    'v6.yaml',
    `name: without
services:
  web:
    image: busybox
    init: true
    stop_grace_period: 0s
    sysctls: {net.ipv6.conf.all.disable_ipv6: "1"}
    command: sleep 100000
    networks: [six, more]
networks: {six: {enable_ipv6: true}, more: {enable_ipv6: true}}
`,
  )
  const v6 = (...words: string[]): ReturnType<Sandbox['run']> => sandbox.run('-f', 'v6.yaml', ...words)
  const inside = 'cat /proc/net/if_inet6 /proc/sys/net/ipv6/conf/eth*/disable_ipv6'
  const isRight = async (): Promise<void> => {
    expect(await v6('drift')).toMatchObject({ status: 0, stdout: '' })
    expect((await v6('plan', '--exit-code')).status).toBe(0)
    expect((await v6('exec', '-T', 'web', 'sh', '-c', inside)).stdout).toBe('1\n1\n')
  }
  expect((await v6('up', '-d')).status).toBe(0)
  await isRight()
  expect((await v6('restart', 'web')).status).toBe(0)
  await isRight()
  await docker.getNetwork('without_more').disconnect({ Container: 'without-web-1' })
  expect((await v6('up', '-d')).status).toBe(0)
  await isRight()
  expect((await v6('down')).status).toBe(0)
})
