import type { Socket } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import { Conversation } from './conversation.ts'
import { frame, frameReader, KIND, numbers, PAYLOAD } from './wire.ts'

/** What the launcher is told: the kind of each frame and its payload as text. */
let told: [kind: number, text: string][]
let writes: number
let conversation: Conversation

beforeEach(() => {
  told = []
  writes = 0
  const read = frameReader((kind, payload) => told.push([kind, payload.toString()]))
  const socket = {
    destroyed: false,
    on: () => socket,
    ref: () => socket,
    unref: () => socket,
    write: (bytes: Buffer) => {
      writes += 1
      read(bytes)
    },
  }
  conversation = new Conversation(socket as unknown as Socket)
  conversation.begin()
  told = []
  writes = 0
})

const say = (stream: 0 | 1, text: string): void => conversation.output(stream, Buffer.from(text), false)
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('what is written to a stream in one turn goes in one frame', async () => {
  for (let line = 0; line < 100; line += 1) say(1, `${line}\n`)
  await turn()
  expect(told).toEqual([[KIND.errorOutput, Array.from({ length: 100 }, (_, line) => `${line}\n`).join('')]])
  expect(writes).toBe(1)
  say(1, 'later')
  await turn()
  expect(told.at(-1)).toEqual([KIND.errorOutput, 'later'])
})

test('it keeps its place among what else is said', async () => {
  say(0, 'a')
  say(1, 'b')
  say(1, 'c')
  conversation.output(1, Buffer.from('d'), true)
  say(0, 'e')
  conversation.send(KIND.status, numbers(0))
  say(0, 'f')
  await turn()
  expect(told.map(([kind, text]) => [kind, kind === KIND.status ? '' : text])).toEqual([
    [KIND.output, 'a'],
    [KIND.errorOutput, 'bc'],
    [KIND.countedError, 'd'],
    [KIND.output, 'e'],
    [KIND.status, ''],
    [KIND.output, 'f'],
  ])
})

test('no frame is larger than one may be', async () => {
  const most = 'x'.repeat(PAYLOAD)
  say(0, 'begin')
  say(0, most)
  await turn()
  expect(told).toEqual([
    [KIND.output, 'begin'],
    [KIND.output, most],
  ])
  expect(frame(KIND.output, Buffer.from(most)).length).toBeGreaterThan(PAYLOAD)
})

test('what a thread that ends has not sent yet is passed on with all that is not known to be written', async () => {
  say(0, 'sent')
  await turn()
  say(0, ' and not')
  const { pieces } = conversation.tail([])
  expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe('sent and not')
})
