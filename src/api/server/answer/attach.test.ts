import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { AttachSession, OutputFrame } from '../../types/index.ts'
import type { Exchange, Hijacked } from '../exchange.ts'
import { sendAttach } from './attach.ts'

/** An upgrade whose head is taken when the test says so. */
function upgrade(userAgent: string) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let take: (streams: Hijacked) => void = () => undefined
  const hijacked = new Promise<Hijacked>(resolve => {
    take = resolve
  })
  let read: () => void = () => undefined
  const headRead = new Promise<void>(resolve => {
    read = resolve
  })
  const exchange = {
    ...{ headers: { 'user-agent': userAgent }, hijack: () => hijacked, headRead: () => headRead },
  } as unknown as Exchange
  return { exchange, input, output, takeHead: () => take({ input, output }), readHead: () => read() }
}

async function* output(): AsyncGenerator<OutputFrame> {
  yield { stream: 'stdout', bytes: Buffer.from('hi\n') }
}

test.each([
  'tscompose',
  'docker-sdk-python/7',
])('%s: nothing runs before the head has been taken', async agent => {
  const { exchange, input, output: client, takeHead, readHead } = upgrade(agent)
  const steps: string[] = []
  const join = async (): Promise<AttachSession> => {
    steps.push('join')
    return { tty: true, output: output(), close: () => steps.push('close') }
  }
  const sent = sendAttach(exchange, { tty: true, join })
  await new Promise(setImmediate)
  expect(steps).toEqual([])
  input.end()
  takeHead()
  readHead()
  await sent
  expect(steps).toEqual(['join', 'close'])
  expect(String(client.read())).toBe('hi\n')
})

test('a client that may read on beneath its buffer is sent nothing before it has read the head', async () => {
  const { exchange, output: client, input, takeHead, readHead } = upgrade('some-client/1.0')
  takeHead()
  const sent = sendAttach(exchange, {
    tty: true,
    join: async () => ({ tty: true, output: output(), close: () => undefined }),
  })
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  expect(client.read()).toBeNull()
  readHead()
  input.end()
  await sent
  expect(String(client.read())).toBe('hi\n')
})

test('an input that ended before the process ran is ended for it', async () => {
  const { exchange, input, output: client, takeHead } = upgrade('tscompose')
  const stdin = new PassThrough()
  input.resume().end()
  await new Promise(resolve => input.once('end', resolve))
  const cat = async function* (): AsyncGenerator<OutputFrame> {
    for await (const bytes of stdin) yield { stream: 'stdout', bytes }
  }
  takeHead()
  await sendAttach(exchange, {
    tty: true,
    join: async () => ({ tty: true, stdin, output: cat(), close: () => undefined }),
  })
  expect(client.writableFinished || client.writableEnded).toBe(true)
})

test('a client that went while the process started leaves no session behind', async () => {
  const { exchange, output: client, takeHead } = upgrade('tscompose')
  let closed = false
  takeHead()
  await sendAttach(exchange, {
    tty: true,
    join: async () => {
      client.destroy()
      return {
        tty: true,
        output: output(),
        close: () => {
          closed = true
        },
      }
    },
  })
  expect(closed).toBe(true)
})

test('a session that failed is not over before its client has gone: whether it read the last word nobody knows', async () => {
  const { exchange, output: client, takeHead } = upgrade('tscompose')
  let closed = false
  takeHead()
  const sent = sendAttach(exchange, {
    tty: true,
    join: async () => ({
      tty: true,
      // biome-ignore lint/correctness/useYield: it fails before it has anything.
      output: (async function* (): AsyncGenerator<OutputFrame> {
        throw new Error('let go')
      })(),
      close: () => {
        closed = true
      },
    }),
  })
  const ended = new Promise(resolve => client.once('finish', resolve))
  await ended
  await new Promise(setImmediate)
  expect([String(client.read()), closed]).toEqual(['\r\nlet go\r\n', false])
  client.destroy()
  await sent
  expect(closed).toBe(true)
})
