import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bindUdp, buildRelay, type Relay, startRelay } from './relay-process.ts'

let binary = ''
beforeAll(() => {
  binary = buildRelay()
}, 120_000)
afterAll(() => rm(dirname(binary), { recursive: true, force: true }))

let relay: Relay | undefined
const servers: Server[] = []
afterEach(async () => {
  await relay?.stop()
  relay = undefined
  for (const server of servers.splice(0)) server.close()
})

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, onConnection)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function receiveAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

async function publishTcp(target: number): Promise<number> {
  relay = await startRelay(binary, [`tcp=0:${target}`])
  return relay.ports['tcp']?.[0] ?? 0
}

describe('published TCP ports', () => {
  test('copy both ways, and an end of one side reaches the other alone', async () => {
    const target = await serve(async socket => {
      const request = await receiveAll(socket)
      socket.end(Buffer.concat([Buffer.from('got '), request]))
    })
    const client = connect({ port: await publishTcp(target), host: '127.0.0.1', allowHalfOpen: true })
    client.end('request')
    expect((await receiveAll(client)).toString()).toBe('got request')
  })

  test('lose no byte of a stream that is read slower than it is sent', async () => {
    const size = 8 << 20
    const target = await serve(socket => {
      socket.end(Buffer.alloc(size, 'x'))
    })
    const client = connect({ port: await publishTcp(target), host: '127.0.0.1' })
    client.pause()
    await once(client, 'readable')
    expect((await receiveAll(client)).length).toBe(size)
  })

  test('hand a long stream on byte by byte as it was, both ways at once, more of them than there are pipes for', async () => {
    const target = await serve(socket => {
      socket.pipe(socket)
    })
    const port = await publishTcp(target)
    const bytes = randomBytes(3 << 20)
    const echoes = Array.from({ length: 80 }, async () => {
      const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      client.end(bytes)
      return (await receiveAll(client)).equals(bytes)
    })
    expect(new Set(await Promise.all(echoes))).toEqual(new Set([true]))
  })

  test('are closed at once when nothing listens in the container', async () => {
    const unused = await serve(() => undefined)
    servers.splice(0).map(server => server.close())
    const client = connect({ port: await publishTcp(unused), host: '127.0.0.1' })
    const [error] = await once(client, 'error')
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  test.each([
    ['200 kB', 200_000],
    ['5 MB', 5_000_000],
  ])('hand on what is answered before the request was read: %s', async (_, size) => {
    const answer = randomBytes(20_000)
    const target = await serve(socket => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.pause()
        setImmediate(() => socket.write(answer, () => socket.destroy()))
      })
    })
    const port = await publishTcp(target)
    for (let turn = 0; turn < 15; turn++) {
      const client = connect({ port, host: '127.0.0.1' }).on('error', () => undefined)
      const chunks: Buffer[] = []
      client.on('data', chunk => chunks.push(chunk)).write(Buffer.alloc(size))
      await new Promise(resolve => client.once('close', resolve))
      expect(Buffer.concat(chunks).equals(answer)).toBe(true)
    }
  })

  test('hold hundreds of connections at once', async () => {
    const target = await serve(socket => {
      socket.pipe(socket)
    })
    const port = await publishTcp(target)
    const clients = Array.from({ length: 300 }, () => connect({ port, host: '127.0.0.1' }))
    const echoes = await Promise.all(
      clients.map(async (client, index) => {
        client.write(`client ${index}`)
        const [chunk] = await once(client, 'data')
        return String(chunk)
      }),
    )
    expect(echoes).toEqual(clients.map((_, index) => `client ${index}`))
    for (const client of clients) client.destroy()
  })

  test('let those wait that are too many, and serve them when others have gone', async () => {
    const target = await serve(socket => {
      socket.pipe(socket)
    })
    relay = await startRelay(binary, [`tcp=0:${target}`], { nofile: 64 })
    const port = relay.ports['tcp']?.[0] ?? 0
    const echo = async (index: number): Promise<string> => {
      const client = connect({ port, host: '127.0.0.1' })
      client.write(`client ${index}`)
      const [chunk] = await once(client, 'data')
      client.destroy()
      return String(chunk)
    }
    const indexes = Array.from({ length: 100 }, (_, index) => index)
    const idle = indexes.slice(0, 15).map(() => connect({ port, host: '127.0.0.1' }))
    expect(await Promise.all(indexes.map(echo))).toEqual(indexes.map(index => `client ${index}`))
    for (const client of idle) client.destroy()
  })

  test('count against the fds of connections: with many of them fewer are held at once', async () => {
    const target = await serve(socket => {
      socket.write('hello')
    })
    const [nofile, reserved] = [896, 512 + 256]
    const held = async (ports: number): Promise<number> => {
      const extra = Array.from({ length: ports - 1 }, () => `udp=0:${target}`)
      relay = await startRelay(binary, [`tcp=0:${target}`, ...extra], { nofile })
      const port = relay.ports['tcp']?.[0] ?? 0
      let served = 0
      const clients = Array.from({ length: 80 }, () =>
        connect({ port, host: '127.0.0.1' }).once('data', () => {
          served++
        }),
      )
      await expect.poll(() => served, { timeout: 10_000 }).toBe((nofile - reserved - ports) >> 1)
      for (const client of clients) client.destroy()
      await relay.stop()
      return served
    }
    expect([await held(1), await held(16)]).toEqual([63, 56])
    relay = undefined
  })

  test('cost no processor time while nothing happens, a half-closed and stalled connection included', async () => {
    const target = await serve(socket => {
      socket.write(Buffer.alloc(32 << 20))
      socket.on('error', () => undefined)
    })
    const client = connect({ port: await publishTcp(target), host: '127.0.0.1', allowHalfOpen: true })
    client.pause()
    await once(client, 'connect')
    client.end()
    const ticks = async (): Promise<number> => {
      const fields = (await readFile(`/proc/${relay?.pid}/stat`, 'utf8')).replace(/.*\) /, '').split(' ')
      return Number(fields[11]) + Number(fields[12])
    }
    const settled = async (): Promise<number> => {
      for (let before = await ticks(), tries = 0; ; tries++) {
        await new Promise(resolve => {
          setTimeout(resolve, 200)
        })
        const now = await ticks()
        if (now - before <= 2 || tries > 20) return now - before
        before = now
      }
    }
    expect(await settled()).toBeLessThanOrEqual(2)
    client.destroy()
  })
})

describe('published UDP ports', () => {
  test('give each client its own answers', async () => {
    const target = await bindUdp()
    target.socket.on('message', (message, from) => {
      target.socket.send(`to ${message}`, from.port, from.address)
    })
    relay = await startRelay(binary, [`udp=0:${target.port}`])
    const port = relay.ports['udp']?.[0] ?? 0
    const clients = await Promise.all(Array.from({ length: 50 }, bindUdp))
    const answers = await Promise.all(
      clients.map(async ({ socket }, index) => {
        const answer = once(socket, 'message')
        socket.send(`client ${index}`, port, '127.0.0.1')
        const [message, from] = await answer
        return [String(message), from.port]
      }),
    )
    expect(answers).toEqual(clients.map((_, index) => [`to client ${index}`, port]))
    for (const { socket } of [...clients, target]) socket.close()
  })
})
