import { once } from 'node:events'
import { Duplex, PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { dialFor, spoken } from './introduce.ts'

const CALLER = { uid: 1000, gid: 1001 }

/** Connections to engines that answer so, one after the other, and what each was sent. */
function engines(...answers: readonly (string | undefined)[]): {
  dial: () => Promise<Duplex>
  sent: string[]
} {
  const sent: string[] = []
  const dial = async (): Promise<Duplex> => {
    const index = sent.push('') - 1
    const readable = new PassThrough()
    return Duplex.from({
      readable,
      writable: new PassThrough().on('data', (chunk: Buffer) => {
        sent[index] += chunk.toString()
        const answer = answers[index]
        if (answer === undefined) readable.end()
        else readable.write(answer)
      }),
    })
  }
  return { dial, sent }
}

test('an engine is told whose a connection is before anything of his comes', async () => {
  const { dial, sent } = engines('HTTP/1.1 204 No Content\r\nApi-Version: 1.51\r\n\r\n')
  const engine = await dialFor(CALLER, dial)
  expect(sent).toEqual([expect.stringMatching(/^POST \/tscompose\/peer\?uid=1000&gid=1001 HTTP\/1\.1\r\n/)])
  // Nothing of the answer is left for the client.
  expect([engine.read(), engine.destroyed]).toEqual([null, false])
})

test.each([undefined, { uid: 0, gid: 0 }])('but not of %j', async peer => {
  const { dial, sent } = engines()
  await dialFor(peer, dial)
  expect(sent).toEqual([''])
})

test.each([
  ['knows no such request', 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}'],
  ['ends meanwhile', undefined],
])('an engine that %s is dialled anew, and serves without', async (_, answer) => {
  const { dial, sent } = engines(answer)
  const engine = await dialFor(CALLER, dial)
  expect([sent.length, sent[1], engine.destroyed]).toEqual([2, '', false])
})

test('a client has spoken when it has sent a whole head, which is read by whoever comes then', async () => {
  const client = new PassThrough()
  const said = spoken(client)
  let isDone = false
  void said.then(() => {
    isDone = true
  })
  client.write('GET / HTTP/1.1\r\n')
  await new Promise(setImmediate)
  expect(isDone).toBe(false)
  client.write('\r\nmore')
  await said
  const [chunk] = await once(client.resume(), 'data')
  expect(String(chunk)).toBe('GET / HTTP/1.1\r\n\r\nmore')
})

/** A client's connection, and what it is answered. */
function connection(): { client: Duplex; sends: PassThrough; heard: () => string } {
  const sends = new PassThrough()
  let text = ''
  const writable = new PassThrough().on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  // What goes wrong with it is its end.
  const client = Duplex.from({ readable: sends, writable }).on('error', () => undefined)
  return { client, sends, heard: () => text }
}

test('one that goes, or says nothing for too long, is waited for no more', async () => {
  const gone = connection()
  const left = spoken(gone.client)
  gone.client.destroy()
  await left
  const silent = connection()
  await spoken(silent.client, 1)
  expect([silent.client.destroyed, silent.heard()]).toEqual([true, ''])
})

test('one whose head does not come to its end is told', async () => {
  const slow = connection()
  slow.sends.write('GET / HT')
  await spoken(slow.client, 50)
  expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 /)
  const cut = connection()
  cut.sends.end('GET / HT')
  await spoken(cut.client)
  expect(cut.heard()).toMatch(/^HTTP\/1\.1 400 /)
})
