import { expect, test } from 'vitest'
import { Deliveries } from './deliveries.ts'

const LONG = 60_000

/** Whether a promise has resolved by the end of this turn. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => {
    done = true
  })
  await new Promise(setImmediate)
  return done
}

test('an exit is complete when all who are attached have what came before it', async () => {
  const deliveries = new Deliveries()
  const [first, second] = [deliveries.begin(), deliveries.begin()]
  const complete = deliveries.complete(20n, LONG)
  first.reached(20n)
  second.reached(10n)
  expect(await isDone(complete)).toBe(false)
  second.reached(30n)
  expect(await isDone(complete)).toBe(true)
})

test('who has gone is not waited for, and nobody is waited for beyond the limit', async () => {
  const deliveries = new Deliveries()
  expect(await isDone(deliveries.complete(1n, LONG))).toBe(true)
  const gone = deliveries.begin()
  const complete = deliveries.complete(1n, LONG)
  gone.end()
  expect(await isDone(complete)).toBe(true)
  deliveries.begin()
  await deliveries.complete(1n, 1)
})
