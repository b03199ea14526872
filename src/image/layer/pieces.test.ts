import { expect, it } from 'vitest'
import { Pieces } from './pieces.ts'

it('takes again what was given back, whole, though a part of it was used', () => {
  const pieces = new Pieces()
  const first = pieces.take()
  pieces.giveBack(first.subarray(0, 10))
  const second = pieces.take()
  expect(second.buffer).toBe(first.buffer)
  expect(second.length).toBe(first.length)
})

it('never gives a piece to two', () => {
  const pieces = new Pieces()
  const first = pieces.take()
  expect(pieces.take().buffer).not.toBe(first.buffer)
  pieces.giveBack(first)
  pieces.giveBack(first)
  expect(pieces.take().buffer).not.toBe(pieces.take().buffer)
})

it('leaves bytes of others alone', () => {
  const pieces = new Pieces()
  const others = Buffer.from('a header')
  pieces.giveBack(others)
  expect(pieces.take().buffer).not.toBe(others.buffer)
})
