import { expect, test } from 'vitest'
import { changedMode, parseModeChange } from './mode-change.ts'

/** The mode that a file, or a folder, gets in octal. */
function changed(text: string, mode: number, isFolder = false): string {
  const change = parseModeChange(text)
  return change === undefined ? 'refused' : changedMode(mode, isFolder, change).toString(8)
}

test.each([
  ['u+x,g=rw,o-r', 0o644, '760'],
  ['0', 0o644, '0'],
  ['7777', 0o644, '7777'],
  ['a+X', 0o644, '644'],
  ['a+X', 0o744, '755'],
  ['u=rwxs,g+s,o+t', 0o644, '6744'],
  ['g=u,o=g', 0o644, '666'],
  ['ug+w,o=,+x', 0o644, '771'],
  ['u+s,-w', 0o644, '4444'],
  ['-w', 0o666, '444'],
  ['+s,o+t', 0o666, '6666'],
  ['+t', 0o666, '1666'],
  ['a=rx', 0o666, '555'],
  ['o=u-w,u=g', 0o666, '664'],
  ['u=r+w', 0o644, '644'],
  ['g-s', 0o2755, '755'],
])('%s makes of %o %s', (text, mode, expected) => {
  expect(changed(text, mode)).toBe(expected)
})

test('X gives the right to enter a folder', () => {
  expect(changed('go=rX', 0o700, true)).toBe('755')
})

test.each(['abc', 'u', '99999', '10000', 'u+q', 'u+x,', '8', '+x y'])('%s is refused', text => {
  expect(changed(text, 0o644)).toBe('refused')
})
