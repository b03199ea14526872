import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ContainerInput, type GivenInput } from './container-input.ts'

const NOTHING: GivenInput = { isBegun: false, isWhole: false }

/** A connection, and what came over it; `|` is its end. */
function connection(): { readonly stream: Duplex; readonly came: () => string } {
  let came = ''
  const stream = new Duplex({
    read: () => undefined,
    write(chunk, _encoding, done) {
      came += chunk
      done()
    },
    final(done) {
      came += '|'
      done()
    },
  })
  return { stream, came: () => came }
}

function inputOver(
  stream: Duplex,
  given: GivenInput = NOTHING,
): { input: ContainerInput; lost: () => number } {
  let lost = 0
  const input = new ContainerInput(stream, given, () => {
    lost += 1
  })
  return { input, lost: () => lost }
}

test('is given as it comes', async () => {
  const { stream, came } = connection()
  const { input, lost } = inputOver(stream)
  input.writable.write('a')
  input.writable.end('b')
  await setImmediate()
  expect([came(), input.isCut, lost()]).toEqual(['ab|', false, 0])
})

test('where nothing was given when its connection ended, all of it waits for the next one', async () => {
  const [one, other] = [connection(), connection()]
  const { input, lost } = inputOver(one.stream)
  one.stream.destroy()
  input.writable.end('all')
  await setImmediate()
  expect([lost(), input.writable.writableFinished]).toEqual([1, false])
  input.goOn(other.stream)
  await setImmediate()
  expect([other.came(), input.isCut, input.writable.writableFinished]).toEqual(['all|', false, true])
})

test('an end that may have been lost is said again, and was no part of it', async () => {
  const [one, other] = [connection(), connection()]
  const { input } = inputOver(one.stream)
  input.writable.end()
  await setImmediate()
  input.goOn(other.stream)
  await setImmediate()
  expect([other.came(), input.isCut]).toEqual(['|', false])
})

test('of what may have come in part the end is all that another connection has, and the rest is read by nobody', async () => {
  const [one, other] = [connection(), connection()]
  const { input } = inputOver(one.stream)
  input.writable.write('a')
  await setImmediate()
  one.stream.destroy()
  input.breakOff(other.stream)
  input.writable.end('b')
  await setImmediate()
  expect([other.came(), input.writable.writableFinished]).toEqual(['|', true])
})

test('another connection that breaks is no failure of who writes', async () => {
  const [one, other] = [connection(), connection()]
  const { input } = inputOver(one.stream)
  one.stream.destroy()
  input.goOn(other.stream)
  input.writable.write('a')
  other.stream.destroy(new Error('EPIPE'))
  input.writable.end('b')
  await setImmediate()
  expect(input.writable.writableFinished).toBe(true)
})

test.each<[string, (input: ContainerInput) => void]>([
  ['nothing more', () => undefined],
  ['more', input => input.writable.write('b')],
  ['its end', input => input.writable.end()],
])('where some was given it is cut, whether there comes %s', async (_name, act) => {
  const { stream } = connection()
  const { input } = inputOver(stream)
  input.writable.write('a')
  await setImmediate()
  stream.destroy()
  act(input)
  await setImmediate()
  expect(input.isCut).toBe(true)
})

test('what others have given counts', () => {
  const { stream } = connection()
  const of = (isBegun: boolean, isWhole: boolean): boolean =>
    inputOver(stream, { isBegun, isWhole }).input.isCut
  expect([of(false, false), of(true, false), of(true, true), of(false, true)]).toEqual([
    ...[false, true],
    ...[false, false],
  ])
})

test('behind its end whoever writes goes on', async () => {
  const { stream } = connection()
  const { input } = inputOver(stream)
  stream.destroy()
  input.writable.write('a')
  input.end()
  input.end()
  input.writable.end('b')
  await setImmediate()
  expect(input.writable.writableFinished).toBe(true)
})
