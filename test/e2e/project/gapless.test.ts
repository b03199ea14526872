// Replacing without a gap: `deploy.update_config.order: start-first`.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let box: Sandbox

beforeAll(async () => {
  box = makeSandbox()
  await box.busybox()
  await box.hold()
  await up('one')
  await eventually('the first answers', async () => (await asked(HOST, PORT)) === 'one')
})
afterAll(() => box.close())

/** Of this test alone. */
const HOST = '127.0.63.14'
const PORT = 18_240
const SLOW = 18_241

/** One port answers at once who it is, the other one when it is told to, a line each. */
function file(
  version: string,
  command = 'nc -ll -p 80 -e echo $$V & nc -ll -p 81 -e sh -c "while read l; do echo $$V; done" & wait',
): string {
  return `services:
  web:
    image: busybox
    init: true
    command: [sh, -c, ${JSON.stringify(command)}]
    environment: {V: ${version}}
    stop_grace_period: 5s
    ports: ["${HOST}:${PORT}:80", "${HOST}:${SLOW}:81", "18242:80"]
    deploy: {update_config: {order: start-first, monitor: 300ms}}
  asker:
    image: busybox
    init: true
    command: [sleep, "1000"]
`
}

async function up(version: string): Promise<void> {
  box.write('compose.yaml', file(version))
  await box.ok('up', '-d')
}

/** What comes of a connection; undefined where it is refused, or ends without a word. */
function asked(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    let heard = ''
    socket.on('data', bytes => {
      heard += String(bytes)
    })
    socket.once('error', () => resolve(undefined))
    socket.once('close', () => resolve(heard.trim() || undefined))
  })
}

/** An address of the host that is not loopback, by which the kernel leads clients to containers. */
function hostAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? HOST
}

/** Asks again and again until `stop` is called, which gives how often, and what was heard. */
function keepAsking(
  host: string,
  port: number,
): () => Promise<{ count: number; heard: Set<string | undefined> }> {
  const heard = new Set<string | undefined>()
  let goesOn = true
  let count = 0
  const all = (async () => {
    for (; goesOn; count++) heard.add(await asked(host, port))
  })()
  return async () => {
    goesOn = false
    await all
    return { count, heard }
  }
}

/** By name, from another container, as often as there is time for. */
const BY_NAME = `
  while [ ! -e /stop ]; do
    a=$(nslookup web 127.0.0.11 2>/dev/null | awk '/^Address/ { last = $NF } END { print last }')
    nc -w 5 "$a" 80 </dev/null || echo refused
  done`

/** The same, once. */
const BY_NAME_ONCE = 'nc -w 5 web 80 </dev/null'

function killMonitor(id: string): void {
  const status = readFileSync(join(box.env['TSCOMPOSE_ROOT'] ?? '', 'containers', id, 'status'), 'utf8')
  process.kill(Number(/^monitor_pid=(\d+)$/m.exec(status)?.[1]), 'SIGKILL')
}

const containers = async (): Promise<string[]> =>
  (await box.ok('ps', '-a', '--format', '{{.Names}} {{.State}}', 'web')).stdout.trim().split('\n')

describe('a service that is started first', () => {
  test('refuses nobody while it is replaced, and lets who is connected to the old one finish', async () => {
    const stops = [keepAsking(HOST, PORT), keepAsking(hostAddress(), 18_242)]
    const named = box.start('exec', '-T', 'asker', 'sh', '-c', BY_NAME)
    const old = connect({ host: HOST, port: SLOW })
    await once(old, 'connect')
    const say = async (): Promise<string> => {
      old.write('x\n')
      return String((await once(old, 'data'))[0]).trim()
    }
    expect(await say()).toBe('one')

    box.write('compose.yaml', file('two'))
    const { stdout } = await box.ok('plan')
    expect(stdout).toMatch(/~ container \S+web-1.*start new, move names and ports, drain and stop old/)
    const updating = box.start('up', '-d')
    await eventually('the new one answers', async () => (await asked(HOST, PORT)) === 'two')
    expect(await say()).toBe('one')
    old.end()
    expect((await updating.ended).status).toBe(0)

    await up('three')
    await box.ok('exec', 'asker', 'touch', '/stop')
    const { stdout: byName } = await named.ended
    for (const stop of stops) {
      const { count, heard } = await stop()
      expect(count).toBeGreaterThan(20)
      expect([...heard]).toEqual(['one', 'two', 'three'])
    }
    expect([...new Set(byName.trim().split('\n'))]).toEqual(['one', 'two', 'three'])
    expect(await containers()).toEqual([expect.stringMatching(/^\S+-web-1 running$/)])
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })

  test.each<[string, string]>([
    ['ends', 'echo broken; exit 3'],
    ['is no program', 'exec /bin/none'],
  ])('keeps the old one where the new one %s', async (_, command) => {
    box.write('compose.yaml', file('four', command))
    const stop = keepAsking(HOST, PORT)
    const { status, stderr } = await box.run('up', '-d')
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/CONTAINER_EXITED/)
    expect([...(await stop()).heard]).toEqual(['three'])
    expect(await containers()).toEqual([expect.stringMatching(/^\S+-web-1 running$/)])
  })

  test('is completed by the next up where all was killed between, and serves meanwhile', async () => {
    box.write('compose.yaml', file('five'))
    const stop = keepAsking(HOST, PORT)
    const slow = connect({ host: HOST, port: SLOW })
    await once(slow, 'connect')
    const cut = box.start('up', '-d')
    await eventually('the new one answers', async () => (await asked(HOST, PORT)) === 'five')
    cut.child.kill('SIGKILL')
    await box.killEngine()
    expect(await containers()).toHaveLength(2)
    await box.ok('up', '-d')
    slow.destroy()
    expect([...(await stop()).heard]).toEqual(['three', 'five'])
    expect(await containers()).toEqual([expect.stringMatching(/^\S+-web-1 running$/)])
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })

  test('has the new one take over by itself where the old one ends meanwhile', async () => {
    const id = (await box.ok('ps', '-q', '--no-trunc', 'web')).stdout.trim()
    box.write('compose.yaml', file('six', 'sleep 2; nc -ll -p 81 -e echo $$V & nc -ll -p 80 -e echo $$V'))
    const updating = box.start('up', '-d')
    await eventually('the new one waits', async () => (await containers()).length === 2)
    killMonitor(id)
    expect((await updating.ended).status).toBe(0)
    await eventually('the new one answers', async () => (await asked(HOST, PORT)) === 'six')
    expect(await containers()).toEqual([expect.stringMatching(/^\S+-web-1 running$/)])
  })

  test('has the old one serve again where the new one ends while somebody is connected to the old one', async () => {
    const slow = connect({ host: HOST, port: SLOW })
    await once(slow, 'connect')
    const before = (await box.ok('ps', '-q', '--no-trunc', 'web')).stdout.trim()
    box.write('compose.yaml', file('broken'))
    const updating = box.start('up', '-d')
    await eventually('the new one answers', async () => (await asked(HOST, PORT)) === 'broken')
    const ids = (await box.ok('ps', '-q', '--no-trunc', 'web')).stdout.split('\n').filter(Boolean)
    killMonitor(ids.find(id => id !== before) ?? '')
    expect((await updating.ended).status).not.toBe(0)
    slow.destroy()
    expect(await asked(HOST, PORT)).toBe('six')
    expect((await box.ok('ps', '-q', '--no-trunc', 'web')).stdout.trim()).toBe(before)
  })

  test('has the old one serve again where the new one is removed beside it', async () => {
    const before = (await box.ok('ps', '-q', '--no-trunc', 'web')).stdout.trim()
    box.write('compose.yaml', file('seven'))
    const cut = box.start('up', '-d')
    await eventually('the new one answers', async () => (await asked(HOST, PORT)) === 'seven')
    cut.child.kill('SIGKILL')
    const docker = new Docker({ socketPath: box.socket })
    const [other] = (
      await docker.listContainers({ filters: { label: ['com.docker.compose.service=web'] } })
    ).filter(({ Id }) => Id !== before)
    await docker.getContainer(other?.Id ?? '').remove({ force: true })
    docker.modem.destroy()
    expect(await asked(HOST, PORT)).toBe('six')
    expect((await box.ok('exec', '-T', 'asker', 'sh', '-c', BY_NAME_ONCE)).stdout.trim()).toBe('six')
    await box.ok('up', '-d')
    expect(await asked(HOST, PORT)).toBe('seven')
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })

  test('is found at the address of the first by who has looked it up once, and by its name, whoever comes after it', async () => {
    const found = async (): Promise<string | undefined> =>
      /Address: (\S+)\s*$/.exec(
        (await box.ok('exec', '-T', 'asker', 'nslookup', '-type=a', 'web', '127.0.0.11')).stdout,
      )?.[1]
    const first = await found()
    const ask = async (): Promise<string> =>
      (await box.run('exec', '-T', 'asker', 'nc', '-w', '5', first ?? '', '80')).stdout.trim()
    // Who connects while the old one ends tries again, and is served by the new one.
    const byAddress = `while [ ! -e /enough ]; do nc -w 5 ${first} 80 </dev/null || echo refused; done`
    const asking = box.start('exec', '-T', 'asker', 'sh', '-c', byAddress)
    for (const version of ['eight', 'nine', 'ten']) {
      await up(version)
      expect([await ask(), await found()]).toEqual([version, first])
      expect((await box.ok('drift')).stdout).toBe('')
    }
    await box.ok('exec', 'asker', 'touch', '/enough')
    const heard = (await asking.ended).stdout.trim().split('\n')
    expect([...new Set(heard)]).toEqual(['seven', 'eight', 'nine', 'ten'])
    await box.ok('restart', '-t', '0', 'web')
    await eventually('it is back', async () => (await asked(HOST, PORT)) === 'ten')
    expect([await ask(), await found()]).toEqual(['ten', first])
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })
})
