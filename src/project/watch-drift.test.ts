import { expect, test } from 'vitest'
import type { Drifted } from './drift.ts'
import { Told } from './watch-drift.ts'

const LINK: Drifted = {
  kind: 'container',
  name: 'shop-web-1',
  service: 'web',
  path: 'endpoint.shop_default.state',
  want: 'up',
  got: 'down',
  repair: 'place',
}

/** What is told of rounds of looks and words, in their order. */
function states(rounds: readonly (readonly ['look' | 'word', ...Drifted[]])[]): string[] {
  const told = new Told()
  return rounds
    .flatMap(([of, ...all]) => (of === 'word' ? told.mended(all) : told.found(all)))
    .map(({ state }) => state)
}

test('what is put right is told once, whether a look or the word of the engine is first', () => {
  expect(states([['look', LINK], ['look'], ['word', LINK]])).toEqual(['came', 'gone'])
  expect(states([['look', LINK], ['word', LINK], ['look']])).toEqual(['came', 'gone'])
  expect(states([['word', LINK], ['look']])).toEqual(['mended'])
})

test('each repair has a word of its own: the one behind it is told, however soon', () => {
  expect(
    states([['look', LINK], ['look'], ['word', LINK], ['word', LINK], ['look'], ['word', LINK]]),
  ).toEqual(['came', 'gone', 'mended', 'mended'])
})
