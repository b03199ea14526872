import type { Socket } from 'node:dgram'
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { namesFolder, writeNames } from '../../src/network/names/names.ts'
import { answerTo, parseReply, question, TYPE } from '../../test/dns-message.ts'
import { bindUdp, buildRelay, type Relay, startRelay } from './relay-process.ts'

const FRONT = 'f'.repeat(64)
const BACK = 'b'.repeat(64)
const NO_NAME = 3
const SERVER_FAILURE = 2

let binary = ''
beforeAll(() => {
  binary = buildRelay()
}, 120_000)
afterAll(() => rm(dirname(binary), { recursive: true, force: true }))

/** A server that answers by TCP, its first byte alone. */
async function tcpServer(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', chunk => {
      const reply = answerTo(chunk.subarray(2), { address: '192.0.2.8' })
      socket.write(Buffer.from([reply.length >> 8]))
      socket.write(Buffer.concat([Buffer.from([reply.length & 255]), reply]))
    })
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, close: () => server.close() }
}

describe('relay DNS', () => {
  let run = ''
  let relay: Relay | undefined
  let upstream: { socket: Socket; port: number }
  let asked = 0

  const start = async (...more: string[]): Promise<Relay> => {
    const folders = [FRONT, BACK].map(id => `names=${namesFolder(run, id)}`)
    relay = await startRelay(binary, ['dns=0', ...folders, ...more])
    return relay
  }

  beforeEach(async () => {
    run = await mkdtemp(join(tmpdir(), 'tsc-names-'))
    await chmod(run, 0o755) // the relay is not us
    await writeNames(run, FRONT, [
      { names: ['lamp-web-1.lamp_front', 'web', 'lamp-web-1'], addresses: ['172.18.0.2/24'] },
      { names: ['lamp-web-2.lamp_front', 'web', 'lamp-web-2'], addresses: ['172.18.0.3/24'] },
      { names: ['six'], addresses: ['fd00::2'] },
      { names: ['asleep'], addresses: [] },
    ])
    await writeNames(run, BACK, [{ names: ['db', 'web'], addresses: ['172.19.0.9'] }])
    upstream = await bindUdp()
    asked = 0
  })
  afterEach(async () => {
    await relay?.stop()
    relay = undefined
    upstream.socket.close()
    await rm(run, { recursive: true, force: true })
  })

  test('answers with the addresses of all networks that know the name, whatever its case', async () => {
    const { ask } = await start()
    const reply = await ask('WEB', TYPE.A)
    expect(reply).toMatchObject({ id: 4711, rcode: 0, authoritative: true })
    expect([...reply.answers].sort()).toEqual(['172.18.0.2', '172.18.0.3', '172.19.0.9'])
    expect((await ask('db', TYPE.A)).answers).toEqual(['172.19.0.9'])
  })

  test('answers each of many questions that come together to who has asked it', async () => {
    const { ask, ports } = await start()
    const { socket } = await bindUdp()
    // Longer than any question: nobody is answered, and nobody held up.
    socket.send(Buffer.alloc(5000), ports['dns-udp']?.[0] ?? 0, '127.0.0.1')
    const names = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? 'db' : 'six'))
    const replies = await Promise.all(names.map(name => ask(name, name === 'db' ? TYPE.A : TYPE.AAAA)))
    expect(replies.map(({ answers }) => answers.join())).toEqual(
      names.map(name => (name === 'db' ? '172.19.0.9' : 'fd000000000000000000000000000002')),
    )
    socket.close()
  })

  test('answers many questions of one asker in a datagram each, whatever the lengths of the answers', async () => {
    const { pid, ports, ask } = await start()
    const port = ports['dns-udp']?.[0] ?? 0
    const { socket } = await bindUdp()
    // Runs of equal ones, longer ones behind shorter ones, and shorter ones behind longer ones.
    const names = ['db', 'db', 'db', 'web', 'six', 'db', 'asleep'].flatMap(name => [name, 'six', name])
    const wanted = await Promise.all(names.map(async name => (await ask(name, TYPE.A)).answers.toSorted()))
    const replies = new Map<number, readonly string[]>()
    const all = new Promise<void>(resolve => {
      socket.on('message', bytes => {
        const { id, answers } = parseReply(bytes)
        replies.set(id, answers.toSorted())
        if (replies.size === names.length) resolve()
      })
    })
    // So that it finds them together.
    process.kill(pid, 'SIGSTOP')
    const sent = names.map(
      (name, id) =>
        new Promise(resolve => {
          socket.send(question(id, name, TYPE.A), port, '127.0.0.1', resolve)
        }),
    )
    await Promise.all(sent)
    process.kill(pid, 'SIGCONT')
    await all
    socket.close()
    expect(names.map((_, id) => replies.get(id))).toEqual(wanted)
  })

  test('finds the addresses of each family where a network has that family alone', async () => {
    await writeNames(run, BACK, [{ names: ['web'], addresses: ['fd00::9'] }])
    const { ask } = await start()
    expect((await ask('web', TYPE.AAAA)).answers).toEqual(['fd000000000000000000000000000009'])
    expect((await ask('web', TYPE.A)).answers).toHaveLength(2)
  })

  describe('of a container that is held to its egress', () => {
    const OWN = 'c'.repeat(64)
    const startHeld = async (...egress: { pattern: string; set?: string }[]): Promise<Relay> => {
      await writeNames(run, OWN, [], { egress })
      upstream.socket.on('message', (query, from) => {
        asked++
        upstream.socket.send(answerTo(query, { address: '192.0.2.8' }), from.port, from.address)
      })
      return start(`names=${namesFolder(run, OWN)}`, 'held', `upstream=127.0.0.1:${upstream.port}`)
    }

    test('asks outside for the names that it may ask for, whatever their case, and for no others', async () => {
      const { ask } = await startHeld({ pattern: 'one.example' }, { pattern: '*.below.example' })
      for (const name of ['one.example', 'ONE.example', 'a.below.example', 'a.b.below.example'])
        expect((await ask(name, TYPE.A)).answers, name).toEqual(['192.0.2.8'])
      expect(asked).toBe(4)
      for (const name of [
        'below.example',
        'one.example.org',
        'xone.example',
        'x.one.example',
        'abelow.example',
      ])
        expect(await ask(name, TYPE.A), name).toMatchObject({ rcode: NO_NAME, answers: [] })
      expect(asked).toBe(4)
      // Those of its networks are none of that.
      expect((await ask('db', TYPE.A)).answers).toEqual(['172.19.0.9'])
    })

    test('asks for all where all may be asked for, and for none where nothing is said', async () => {
      const { ask } = await startHeld({ pattern: '*' })
      expect((await ask('any.example', TYPE.A)).answers).toEqual(['192.0.2.8'])
      await writeNames(run, OWN, [], {})
      expect(await ask('any.example', TYPE.A)).toMatchObject({ rcode: NO_NAME })
      await rm(namesFolder(run, OWN), { recursive: true })
      expect(await ask('any.example', TYPE.A)).toMatchObject({ rcode: NO_NAME })
    })

    test('sends nothing but what was read of a question, and answers it as it was asked', async () => {
      const { askBytes } = await startHeld({ pattern: 'one.example' })
      const sent: Buffer[] = []
      upstream.socket.on('message', query => sent.push(query))
      const asking = question(4711, 'oNe.EXAMPLE', TYPE.A, 3000)
      // Bits of the header, an option, a second record, bytes behind all: a container's own words to who is asked.
      const told = Buffer.concat([asking, Buffer.from('told to the server')])
      told.writeUInt8(0x70, 3)
      told.writeUInt16BE(18, asking.length - 2)
      const more = Buffer.concat([
        told,
        Buffer.from([0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 5]),
        Buffer.from('words and more'),
      ])
      more.writeUInt16BE(2, 10)
      for (const each of [asking, told, more]) {
        const answer = await askBytes(each)
        expect(answer.subarray(0, 2)).toEqual(asking.subarray(0, 2))
        expect(answer.toString('latin1')).toContain('oNe\x07EXAMPLE')
      }
      const plain = question(0, 'one.example', TYPE.A, 1232).subarray(2).toString('hex')
      expect(sent.map(each => each.subarray(2).toString('hex'))).toEqual([plain, plain, plain])
    })

    test('gives no answer on whose addresses nobody lets through', async () => {
      const { ask } = await startHeld({ pattern: 'one.example', set: 'name.one.example' })
      expect(await ask('one.example', TYPE.A)).toMatchObject({ rcode: SERVER_FAILURE, answers: [] })
      expect(asked).toBe(1)
    })
  })

  describe('of a project', () => {
    const SHARED = 's'.repeat(64)
    const OWN = 'project-shop'
    const startOwn = async (...more: string[]): Promise<Relay> => {
      const folders = [OWN, SHARED].map(id => `names=${namesFolder(run, id)}`)
      relay = await startRelay(binary, ['dns=0', ...folders, ...more])
      return relay
    }
    beforeEach(async () => {
      const names = ['db', 'hidden']
      await writeNames(run, OWN, [{ names, addresses: [], project: 'shop' }], { readBy: 'shop' })
      await writeNames(run, SHARED, [
        { names: ['host'], addresses: ['172.18.0.1'] },
        { names: ['db', 'cache', 'db.lamp', 'hidden'], addresses: ['172.18.0.5'], project: 'lamp' },
        { names: ['db', 'db.shop'], addresses: ['172.18.0.6'], project: 'shop' },
        { names: ['db'], addresses: ['172.18.0.7'], project: 'shop2' },
      ])
    })

    test('has its own names first, and those of others where it has none', async () => {
      const { ask } = await startOwn()
      for (const [name, address] of [
        ['db', '172.18.0.6'],
        ['db.lamp', '172.18.0.5'],
        ['cache', '172.18.0.5'],
        ['host', '172.18.0.1'],
      ] as const)
        expect((await ask(name, TYPE.A)).answers).toEqual([address])
    })

    test('has no data for a name of its own that is down, or on networks of others of it, and asks nobody', async () => {
      upstream.socket.on('message', () => {
        asked++
      })
      const { ask } = await startOwn(`upstream=127.0.0.1:${upstream.port}`)
      expect(await ask('hidden', TYPE.A)).toMatchObject({ rcode: 0, answers: [] })
      await writeNames(run, SHARED, [
        { names: ['db'], addresses: ['172.18.0.5'], project: 'lamp' },
        { names: ['db'], addresses: [], project: 'shop' },
      ])
      expect(await ask('db', TYPE.A)).toMatchObject({ rcode: 0, answers: [] })
      expect(asked).toBe(0)
    })

    test('has what the container alone calls others before all', async () => {
      await writeNames(run, FRONT, [{ names: ['db'], addresses: ['172.18.0.9'] }], { hides: true })
      const folders = [FRONT, OWN, SHARED].map(id => `names=${namesFolder(run, id)}`)
      relay = await startRelay(binary, ['dns=0', ...folders])
      expect((await relay.ask('db', TYPE.A)).answers).toEqual(['172.18.0.9'])
      // Also while what it calls so is down.
      await writeNames(run, FRONT, [{ names: ['db'], addresses: [] }], { hides: true })
      expect(await relay.ask('db', TYPE.A)).toMatchObject({ rcode: 0, answers: [] })
    })

    test('is found among thousands of names, each its own', async () => {
      const endpoints = Array.from({ length: 5000 }, (_, i) => ({
        names: [`service-${i}`],
        addresses: [`10.${i >> 8}.${i & 255}.2`],
        project: 'shop',
      }))
      await writeNames(run, SHARED, endpoints)
      const { ask } = await startOwn()
      for (const i of [0, 1, 255, 256, 4095, 4999])
        expect((await ask(`service-${i}`, TYPE.A)).answers).toEqual([`10.${i >> 8}.${i & 255}.2`])
      expect((await ask('service-5000', TYPE.A)).answers).toEqual([])
    })
  })

  test('answers for localhost itself, and never asks outside', async () => {
    upstream.socket.on('message', () => {
      asked++
    })
    const { ask } = await start(`upstream=127.0.0.1:${upstream.port}`)
    for (const name of ['localhost', 'a.b.LOCALHOST'])
      expect((await ask(name, TYPE.A)).answers).toEqual(['127.0.0.1'])
    expect((await ask('localhost', TYPE.AAAA)).answers).toEqual([`${'0'.repeat(31)}1`])
    expect(await ask('localhost', TYPE.MX)).toMatchObject({ rcode: 0, answers: [] })
    expect(asked).toBe(0)
  })

  test('lets several addresses take turns in being the first', async () => {
    const { ask } = await start()
    const first = [(await ask('web', TYPE.A)).answers[0], (await ask('web', TYPE.A)).answers[0]]
    expect(first.sort()).toEqual(['172.18.0.2', '172.18.0.3'])
  })

  test('has no data of other types, and never asks outside for a name of ours', async () => {
    upstream.socket.on('message', () => {
      asked++
    })
    const { ask } = await start(`upstream=127.0.0.1:${upstream.port}`)
    for (const type of [TYPE.AAAA, TYPE.MX])
      expect(await ask('db', type)).toMatchObject({ rcode: 0, answers: [] })
    expect((await ask('six', TYPE.AAAA)).answers).toEqual(['fd000000000000000000000000000002'])
    expect((await ask('asleep', TYPE.A)).rcode).toBe(NO_NAME)
    expect(asked).toBe(0)
  })

  test('answers reverse lookups of both families', async () => {
    const { ask } = await start()
    expect((await ask('3.0.18.172.in-addr.arpa', TYPE.PTR)).answers).toEqual(['lamp-web-2.lamp_front'])
    const nibbles = `2.${'0.'.repeat(29)}d.f.ip6.arpa`
    expect((await ask(nibbles.replace('0.d.f', '0.0.d.f').replace('2.0.', '2.'), TYPE.PTR)).answers).toEqual([
      'six',
    ])
  })

  test('sees names that change', async () => {
    const { ask } = await start()
    await writeNames(run, BACK, [{ names: ['db'], addresses: ['172.19.0.77'] }])
    expect((await ask('db', TYPE.A)).answers).toEqual(['172.19.0.77'])
    await rm(join(namesFolder(run, BACK), 'names'))
    expect((await ask('db', TYPE.A)).rcode).toBe(SERVER_FAILURE)
  })

  test('passes a names file over that is not of its version', async () => {
    await writeFile(join(namesFolder(run, BACK), 'names'), 'names 2\na db 1.2.3.4\n')
    const { ask } = await start('internal')
    expect((await ask('db', TYPE.A)).rcode).toBe(NO_NAME)
  })

  test('forwards other names, and gives the answer back with the id of the question', async () => {
    upstream.socket.on('message', (query, from) => {
      expect(query.readUInt16BE(0)).not.toBe(4711)
      upstream.socket.send(answerTo(query, { address: '192.0.2.7' }), from.port, from.address)
    })
    const { ask } = await start(`upstream=127.0.0.1:${upstream.port}`)
    expect(await ask('example.com', TYPE.A, 1232)).toMatchObject({ id: 4711, answers: ['192.0.2.7'] })
  })

  test('ignores an answer with a wrong id or to another question, and takes the right one', async () => {
    upstream.socket.on('message', (query, from) => {
      const wrong = Buffer.from(query)
      wrong.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0)
      const other = Buffer.from(query.toString('latin1').replace('example', 'elpmaxe'), 'latin1')
      for (const bytes of [wrong, other])
        upstream.socket.send(answerTo(bytes, { address: '203.0.113.66' }), from.port, from.address)
      upstream.socket.send(answerTo(query, { address: '192.0.2.7' }), from.port, from.address)
    })
    const { ask } = await start(`upstream=127.0.0.1:${upstream.port}`)
    expect((await ask('example.com', TYPE.A)).answers).toEqual(['192.0.2.7'])
  })

  test('asks the next server when one refuses or nobody is there', async () => {
    const gone = await bindUdp()
    await new Promise<void>(resolve => {
      gone.socket.close(() => resolve())
    })
    const refusing = await bindUdp()
    refusing.socket.on('message', (query, from) => {
      refusing.socket.send(answerTo(query, { rcode: 5 }), from.port, from.address)
    })
    upstream.socket.on('message', (query, from) => {
      upstream.socket.send(answerTo(query, { address: '192.0.2.7' }), from.port, from.address)
    })
    const servers = [gone, refusing, upstream].map(({ port }) => `upstream=127.0.0.1:${port}`)
    const { ask } = await start(...servers)
    expect((await ask('example.com', TYPE.A)).answers).toEqual(['192.0.2.7'])
    refusing.socket.close()
  })

  test('asks a server that fails no second time: it may be one that asks us', async () => {
    upstream.socket.on('message', (query, from) => {
      asked++
      upstream.socket.send(answerTo(query, { rcode: SERVER_FAILURE }), from.port, from.address)
    })
    const { ask } = await start(`upstream=127.0.0.1:${upstream.port}`)
    expect((await ask('example.com', TYPE.A)).rcode).toBe(SERVER_FAILURE)
    expect(asked).toBe(1)
  })

  test('never asks outside from an internal network', async () => {
    upstream.socket.on('message', () => {
      asked++
    })
    const { ask } = await start('internal', `upstream=127.0.0.1:${upstream.port}`)
    expect((await ask('example.com', TYPE.A)).rcode).toBe(NO_NAME)
    expect((await ask('db', TYPE.A)).rcode).toBe(0)
    expect(asked).toBe(0)
  })

  test('cuts what does not fit a datagram, and gives all of it by TCP', async () => {
    const addresses = Array.from({ length: 100 }, (_, index) => `10.0.0.${index + 1}`)
    await writeNames(run, FRONT, [{ names: ['many'], addresses }])
    const { ask, askTcp } = await start()
    const cut = await ask('many', TYPE.A)
    expect(cut.truncated).toBe(true)
    expect(cut.answers.length).toBeLessThan(32)
    expect((await ask('many', TYPE.A, 4096)).answers).toHaveLength(100)
    expect((await askTcp('many', TYPE.A)).answers).toHaveLength(100)
  })

  test('forwards by TCP what came by TCP', async () => {
    const server = await tcpServer()
    const { askTcp } = await start(`upstream=127.0.0.1:${server.port}`)
    expect(await askTcp('example.com', TYPE.A)).toMatchObject({ id: 4712, answers: ['192.0.2.8'] })
    server.close()
  })

  describe('of a host whose resolv.conf changes', () => {
    const [OLD, NEW] = ['127.0.53.1', '127.0.53.2'] as const
    let port = 0
    let others: Socket[] = []
    let file = ''

    /** Two servers at one port, each of which answers with its own address. */
    beforeEach(async () => {
      const first = await bindUdp(OLD)
      port = first.port
      others = [first.socket, (await bindUdp(NEW, port)).socket]
      for (const socket of others) {
        const { address } = socket.address()
        socket.on('message', (query, from) => {
          socket.send(answerTo(query, { address }), from.port, from.address)
        })
      }
      file = join(run, 'resolv.conf')
      await writeFile(file, `nameserver ${OLD}\n`)
    })
    afterEach(() => {
      for (const socket of others) socket.close()
    })
    const asks = async (): Promise<readonly string[]> => {
      const { ask } = relay ?? (await start(`resolv=${file}:${port}`, `upstream=${OLD}:${port}`))
      return (await ask('example.com', TYPE.A)).answers
    }

    test('asks those of the file that is there, written over, by rename, behind a link', async () => {
      expect(await asks()).toEqual([OLD])
      await writeFile(file, `nameserver ${NEW}\n`)
      expect(await asks()).toEqual([NEW])
      await writeFile(`${file}.next`, `; made anew\n nameserver\t${OLD} # the first\nnameserver ${NEW}\n`)
      await rename(`${file}.next`, file)
      expect(await asks()).toEqual([OLD])
      await mkdir(join(run, 'resolve'))
      await writeFile(join(run, 'resolve/stub.conf'), `nameserver ${NEW}\n`)
      await symlink('resolve/stub.conf', `${file}.next`)
      await rename(`${file}.next`, file)
      expect(await asks()).toEqual([NEW])
      await writeFile(join(run, 'resolve/next'), `nameserver ${OLD}\n`)
      await rename(join(run, 'resolve/next'), join(run, 'resolve/stub.conf'))
      expect(await asks()).toEqual([OLD])
    })

    test('goes on with the last ones while the file is away, empty, of nobody, too large or no file', async () => {
      await writeFile(file, `nameserver ${NEW}\n`)
      expect(await asks()).toEqual([NEW])
      for (const text of [
        '',
        'nameserver\nnameserver fe80::1%lan\nsearch lan\n',
        `nameserver ${OLD}\n`.repeat(5000),
      ]) {
        await writeFile(file, text)
        expect(await asks()).toEqual([NEW])
      }
      await rm(file)
      expect(await asks()).toEqual([NEW])
      await mkdir(file)
      expect(await asks()).toEqual([NEW])
      await rm(file, { recursive: true })
      await writeFile(file, `nameserver ${OLD}\n`)
      expect(await asks()).toEqual([OLD])
    })

    test('goes on with a question that has been asked of one who is silent now', async () => {
      expect(await asks()).toEqual([OLD])
      others[0]?.removeAllListeners('message')
      const asked = new Promise(resolve => others[0]?.once('message', resolve))
      const answers = asks()
      await asked
      await writeFile(file, `nameserver ${NEW}\n`)
      expect(await answers).toEqual([NEW])
    })
  })

  describe('with sockets for servers of the container’s own', () => {
    test('asks them from an internal network, too, each time from another port', async () => {
      const sources = new Set<number>()
      upstream.socket.on('message', (query, from) => {
        sources.add(from.port)
        upstream.socket.send(answerTo(query, { address: '192.0.2.7' }), from.port, from.address)
      })
      const { ask } = await start('internal', 'own', `upstream=127.0.0.1:${upstream.port}`)
      for (let turn = 0; turn < 12; turn++)
        expect((await ask('example.com', TYPE.A)).answers).toEqual(['192.0.2.7'])
      expect(sources.size).toBeGreaterThan(6)
      expect((await ask('asleep', TYPE.A)).rcode).toBe(NO_NAME)
    })

    test('asks by TCP again and again', async () => {
      const server = await tcpServer()
      const { askTcp } = await start('internal', 'own', `upstream=127.0.0.1:${server.port}`)
      for (let turn = 0; turn < 8; turn++)
        expect((await askTcp('example.com', TYPE.A)).answers).toEqual(['192.0.2.8'])
      server.close()
    })

    test('fails questions when all of them wait, and goes on when they have been given up', async () => {
      let silent = true
      upstream.socket.on('message', (query, from) => {
        asked++
        if (!silent) upstream.socket.send(answerTo(query, { address: '192.0.2.7' }), from.port, from.address)
      })
      const { ask } = await start('internal', 'own', `upstream=127.0.0.1:${upstream.port}`)
      const replies = await Promise.all(['a', 'b', 'c', 'd'].map(name => ask(`${name}.test`, TYPE.A)))
      expect(replies.map(({ rcode }) => rcode)).toEqual(new Array(4).fill(SERVER_FAILURE))
      expect(asked).toBe(6) // three questions, twice each
      silent = false
      expect((await ask('example.com', TYPE.A)).answers).toEqual(['192.0.2.7'])
    })
  })

  test('outlives packets that are no questions', async () => {
    const { ports, ask } = await start()
    const { socket } = await bindUdp()
    const hostile = [
      Buffer.alloc(0),
      Buffer.alloc(11),
      Buffer.alloc(12, 255),
      Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.alloc(300, 63)]),
      Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]),
      Buffer.from([0, 1, 1, 0, 0, 9, 0, 0, 0, 0, 0, 1, 1, 97]),
    ]
    for (const packet of hostile) socket.send(packet, ports['dns-udp']?.[0] ?? 0, '127.0.0.1')
    expect((await ask('db', TYPE.A)).answers).toEqual(['172.19.0.9'])
    socket.close()
  })
})
