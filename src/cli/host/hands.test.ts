import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Ending, Hands } from './hands.ts'

/** A worker whose commands are words: `over` ends well, `throw` fails, `loop` never ends, all else ends its thread with that status. */
const SCRIPT = `
const { createServer } = require('node:net')
const { parentPort } = require('node:worker_threads')
const server = createServer(socket => socket.on('data', bytes => {
  const word = bytes.toString()
  if (word === 'over') socket.once('close', () => parentPort.postMessage('over'))
  else if (word === 'throw') throw new Error('a fault')
  else if (word === 'loop') while (true);
  else process.exit(Number(word))
}).on('error', () => undefined))
parentPort.once('message', path => server.listen(path, () => parentPort.postMessage('ready')))
`

let folder: string
let hands: Hands
const troubles: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hands-'))
  const script = join(folder, 'worker.cjs')
  writeFileSync(script, SCRIPT)
  troubles.length = 0
  hands = handsOf(script)
  hands.open()
})
afterEach(async () => {
  await hands.close()
  rmSync(folder, { recursive: true })
})

function handsOf(script: string): Hands {
  return new Hands({
    script,
    folder,
    root: folder,
    run: folder,
    onTrouble: text => void troubles.push(text),
  })
}

/** A launcher's connection, as the host has it, and what ends it. */
async function client(): Promise<{ readonly ours: Socket; readonly leave: () => void }> {
  const path = join(folder, `client-${Math.random()}.sock`)
  const server = createServer()
  server.listen(path)
  const theirs = connect(path)
  const ours = await new Promise<Socket>(resolve => server.once('connection', resolve))
  server.close()
  return { ours, leave: () => void theirs.destroy() }
}

/** Has a worker run a command; resolves with its path when both are done with each other, or with how it ended. */
async function run(word: string): Promise<{ readonly path: string; readonly ending?: Ending }> {
  const { ours, leave } = await client()
  let onEnd: (ending: Ending) => void = () => undefined
  const ended = new Promise<Ending>(resolve => {
    onEnd = resolve
  })
  const hand = await hands.take(ours, ending => onEnd(ending))
  if (hand === undefined) throw new Error('there is none')
  expect(await hand.ready).toBe(true)
  const worker = connect(hand.path)
  worker.on('error', () => undefined)
  if (word !== 'over') {
    worker.write(word)
    if (word === 'loop') leave()
    const gone = new Promise(resolve => hand.worker.once('exit', resolve))
    const ending = await Promise.race([ended, gone.then(() => undefined)])
    leave()
    return { path: hand.path, ...(ending === undefined ? {} : { ending }) }
  }
  const over = new Promise(resolve => hand.worker.on('message', said => said === 'over' && resolve(said)))
  const left = new Promise(resolve => ours.once('close', resolve))
  worker.end(word)
  leave()
  await Promise.all([over, left])
  return { path: hand.path }
}

test('a worker that is done with a command is given the next one', async () => {
  const first = await run('over')
  expect(await run('over')).toEqual(first)
  expect(await run('over')).toEqual(first)
})

test('a client who comes while one is about to be done is given that one', async () => {
  const first = await client()
  const hand = await hands.take(first.ours, () => undefined)
  if (hand === undefined) throw new Error('there is none')
  expect(await hand.ready).toBe(true)
  const worker = connect(hand.path)
  worker.write('over')
  const second = await client()
  const left = new Promise(resolve => first.ours.once('close', resolve))
  first.leave()
  await left
  const taking = hands.take(second.ours, () => undefined)
  worker.end()
  expect(await taking).toBe(hand)
  second.leave()
})

test('one who has gone meanwhile is given none', async () => {
  const { ours, leave } = await client()
  const left = new Promise(resolve => ours.once('close', resolve))
  leave()
  await left
  expect(await hands.take(ours, () => undefined)).toBeUndefined()
})

test('one that fails or ends in the middle of a command tells how, and is given no other one', async () => {
  const { path, ending } = await run('throw')
  expect(ending).toMatchObject({ status: 1 })
  expect(ending?.trouble).toContain('a fault')
  expect(troubles).toHaveLength(1)
  const next = await run('7')
  expect(next.path).not.toBe(path)
  expect(next.ending).toEqual({ status: 7 })
})

test('one that hangs is ended when its launcher has gone', async () => {
  expect((await run('loop')).ending).toBeUndefined()
})

test('beyond eight at once there is none', async () => {
  const clients = await Promise.all(Array.from({ length: 9 }, client))
  const taken = await Promise.all(clients.map(({ ours }) => hands.take(ours, () => undefined)))
  expect(taken.filter(hand => hand !== undefined)).toHaveLength(8)
  for (const { leave } of clients) leave()
})

describe('one that is begun for a command before there is a place for its socket', () => {
  beforeEach(async () => {
    await hands.close()
    hands = handsOf(join(folder, 'worker.cjs'))
    hands.prepare('up')
    hands.open()
  })
  afterEach(() => void vi.useRealTimers())

  test('waits for that, and is given the command that comes right behind, and the next', async () => {
    const first = await run('over')
    expect(first.path).toBe(join(folder, '1.sock'))
    expect(await run('over')).toEqual(first)
    expect(await run('over')).toEqual(first)
  })

  test('ends soon where none comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await run('over')
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await run('over')).path).toBe(join(folder, '2.sock'))
  })

  test('stays as the others do where one came', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const first = await run('over')
    await run('over')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await run('over')).toEqual(first)
  })
})
