import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Unfinished } from './unfinished.ts'

const MINE = { project: 'mine' }
const isMine = (labels: Readonly<Record<string, string>>): boolean => labels.project === 'mine'

/** Asks now, and tells whether it has been answered. */
function asked(unfinished: Unfinished): () => Promise<boolean> {
  let isAnswered = false
  void unfinished.settled(isMine).then(() => {
    isAnswered = true
  })
  return async () => {
    await setImmediate()
    return isAnswered
  }
}

test('whoever asks waits for what is being made with these labels, and for nothing else', async () => {
  const unfinished = new Unfinished()
  let finish: (what: string) => void = () => undefined
  const made = unfinished.run(MINE, () => new Promise<string>(resolve => (finish = resolve)))
  void unfinished.run({ project: 'other' }, () => new Promise(() => undefined))
  void unfinished.run(undefined, () => new Promise(() => undefined))
  const isAnswered = asked(unfinished)
  // What is begun later was not meant.
  void unfinished.run(MINE, () => new Promise(() => undefined))
  expect(await isAnswered()).toBe(false)
  finish('it')
  expect(await made).toBe('it')
  expect(await isAnswered()).toBe(true)
})

test('what has failed is told to whoever wanted it, and waited for by nobody', async () => {
  const unfinished = new Unfinished()
  let fail: (error: Error) => void = () => undefined
  const made = unfinished.run(MINE, () => new Promise<string>((_resolve, reject) => (fail = reject)))
  const isAnswered = asked(unfinished)
  fail(new Error('full'))
  await expect(made).rejects.toThrow('full')
  expect(await isAnswered()).toBe(true)
  expect(await asked(unfinished)()).toBe(true)
})
