import { expect, test } from 'vitest'
import { Deliveries, type Delivery } from './deliveries.ts'

const LONG = 60_000

/** What a promise has resolved to by the end of this turn. */
async function sofar<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, new Promise<'pending'>(resolve => setImmediate(resolve, 'pending'))])
}

function attached(deliveries: Deliveries): Delivery {
  const delivery = deliveries.begin()
  delivery.join()
  return delivery
}

test('an exit is complete when all who are attached have what came before it', async () => {
  const deliveries = new Deliveries(LONG)
  const [first, second] = [attached(deliveries), attached(deliveries)]
  const complete = deliveries.complete(20n, LONG)
  first.reached(20n)
  second.reached(10n)
  expect(await sofar(complete)).toBe('pending')
  second.reached(30n)
  expect(await sofar(complete)).toBeUndefined()
})

test('who has gone, was let go, or is not attached yet is not waited for, and nobody is beyond the limit', async () => {
  const deliveries = new Deliveries(LONG)
  deliveries.begin()
  expect(await sofar(deliveries.complete(1n, LONG))).toBeUndefined()
  const [gone, lost] = [attached(deliveries), attached(deliveries)]
  const complete = deliveries.complete(1n, LONG)
  gone.end()
  expect(await sofar(complete)).toBe('pending')
  lost.lose()
  expect(await sofar(complete)).toBeUndefined()
  attached(deliveries)
  await deliveries.complete(1n, 1)
})

test('who waits for an exit hears that one before it was let go, until that one has gone', async () => {
  const deliveries = new Deliveries(LONG)
  const delivery = attached(deliveries)
  const outcome = deliveries.outcome(1n, deliveries.begun)
  expect(await sofar(outcome)).toBe('pending')
  delivery.lose()
  expect(await sofar(outcome)).toBe(false)
  expect(await sofar(deliveries.outcome(1n, deliveries.begun))).toBe(false)
  delivery.end()
  expect(await sofar(deliveries.outcome(1n, deliveries.begun))).toBe(true)
})

test('who attached after the wait, or was let go behind the exit, says nothing of it', async () => {
  const deliveries = new Deliveries(LONG)
  const before = attached(deliveries)
  const { begun } = deliveries
  attached(deliveries).lose()
  attached(deliveries)
  before.reached(1n)
  before.lose()
  expect(await sofar(deliveries.outcome(1n, begun))).toBe(true)
})

test('who takes nothing after the exit is waited for as long as patience lasts', async () => {
  const deliveries = new Deliveries(20)
  attached(deliveries)
  expect(await deliveries.outcome(1n, deliveries.begun)).toBe(false)
})

test('it is known when somebody last had everything', () => {
  const deliveries = new Deliveries(LONG)
  const before = performance.now()
  const delivery = attached(deliveries)
  delivery.took()
  expect(deliveries.handedOverAt).toBeLessThan(before)
  delivery.reached(1n)
  expect(deliveries.handedOverAt).toBeGreaterThanOrEqual(before)
})
