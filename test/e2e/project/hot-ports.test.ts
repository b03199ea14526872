// Ports of a container that runs: another file, the same container.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let box: Sandbox

beforeAll(async () => {
  box = makeSandbox()
  await box.busybox()
  await box.hold()
})
afterAll(() => box.close())

/** Of this test alone. */
const HOST = '127.0.63.13'

function file(ports: readonly string[]): string {
  return `services:
  web:
    image: busybox
    init: true
    command: [sh, -c, "nc -ll -p 70 -e echo seventy & nc -ll -p 80 -e cat & wait"]
    ports: ${JSON.stringify(ports)}
`
}

/** What comes back of some bytes; undefined where nobody listens. */
function asked(port: number, text: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host: HOST, port })
    socket.once('error', () => resolve(undefined))
    socket.once('data', bytes => {
      resolve(String(bytes).trim())
      socket.destroy()
    })
    socket.once('close', () => resolve(undefined))
    socket.write(`${text}\n`)
  })
}

async function pid(): Promise<string> {
  const { stdout } = await box.ok('ps', '-q', 'web')
  return stdout.trim()
}

/** The container's ports in `ps`, exposed ones too. */
async function listed(): Promise<readonly number[]> {
  const { stdout } = await box.ok('ps', '--format', '{{.Ports}}', 'web')
  const found = [...stdout.matchAll(/(?:->|^|, )(\d+)(?:-(\d+))?\/(?:tcp|udp)/g)]
  return [...new Set(found.flatMap(([, from = '', to = from]) => [Number(from), Number(to)]))].sort(
    (a, b) => a - b,
  )
}

const up = async (...ports: string[]): Promise<void> => {
  box.write('compose.yaml', file(ports))
  await box.ok('up', '-d')
}
const answers = (port: number, text: string, what: string): Promise<unknown> =>
  eventually(`${what} answers at ${port}`, async () => (await asked(port, text)) === text)

describe('ports of a container that runs', () => {
  test('are others after the next up, and who is connected by one that stays notices nothing', async () => {
    await up(`${HOST}:18201:80`, `${HOST}:18202:80`, `${HOST}:18212:71`)
    await answers(18_201, 'one', 'the first')
    const before = await pid()
    const socket = connect({ host: HOST, port: 18_201 })
    await once(socket, 'connect')
    const heard = async (text: string): Promise<unknown> => {
      socket.write(`${text}\n`)
      return String((await once(socket, 'data'))[0]).trim()
    }
    expect(await heard('hello')).toBe('hello')

    box.write('compose.yaml', file([`${HOST}:18201:80`, `${HOST}:18203:80`, `${HOST}:18204-18206:90-92/udp`]))
    expect((await box.ok('plan')).stdout).toMatch(/~ container \S*web-1.*update/)
    await box.ok('up', '-d')
    expect(await pid()).toBe(before)
    await answers(18_203, 'three', 'the new one')
    expect(await asked(18_202, 'two')).toBe(undefined)
    expect(await listed()).toEqual([80, 90, 91, 92])
    expect(await heard('still there')).toBe('still there')
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
    socket.destroy()
  })

  test('lead elsewhere from one up to the next, by the same socket', async () => {
    const before = await pid()
    await up(`${HOST}:18201:70`)
    await eventually('it leads elsewhere', async () => (await asked(18_201, 'one')) === 'seventy', 10_000)
    await up(`${HOST}:18201:80`)
    await answers(18_201, 'one', 'the first')
    expect(await pid()).toBe(before)
  })

  test('stay after the engine was killed, and after a restart', async () => {
    const before = await pid()
    await up(`${HOST}:18207:80`)
    await box.killEngine()
    await answers(18_207, 'seven', 'what was changed')
    await box.ok('ps')
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
    await up(`${HOST}:18208:80`)
    await answers(18_208, 'eight', 'what an engine changed that found it')
    expect(await pid()).toBe(before)
    await box.ok('restart', '-t', '0', 'web')
    await answers(18_208, 'eight', 'what was restarted')
    expect(await asked(18_207, 'seven')).toBe(undefined)
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })

  test('are all as they were where one cannot be had', async () => {
    const other = createServer().listen(18_209, HOST)
    await once(other, 'listening')
    try {
      box.write('compose.yaml', file([`${HOST}:18210:80`, `${HOST}:18209:80`]))
      const { status, stderr } = await box.run('up', '-d')
      expect([status === 0, stderr]).toEqual([false, expect.stringContaining('PORT_IN_USE')])
      expect(await asked(18_210, 'ten')).toBe(undefined)
      await answers(18_208, 'eight', 'what was before')
    } finally {
      other.close()
    }
  })

  test('change their addresses, there and back, and none that was named stays as one of any', async () => {
    const before = await pid()
    for (const ports of [['0.0.0.0:18211:80'], [`${HOST}:18211:80`], ['18211:80'], ['80']]) {
      await up(...ports)
      if (ports[0] !== '80') await answers(18_211, 'eleven', String(ports[0]))
    }
    expect(await asked(18_211, 'eleven')).toBe(undefined)
    expect(await pid()).toBe(before)
  })

  test('go all, and come back', async () => {
    const before = await pid()
    await up()
    expect(await asked(18_208, 'eight')).toBe(undefined)
    await up(`${HOST}:18208:80`)
    await answers(18_208, 'eight', 'it')
    expect(await pid()).toBe(before)
  })
})
