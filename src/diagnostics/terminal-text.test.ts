import { expect, test } from 'vitest'
import { terminalText } from './terminal-text.ts'

test('colours stay', () => {
  expect(terminalText('\x1b[31mred\x1b[0m')).toBe('\x1b[31mred\x1b[0m')
})

test.each([
  ['clear screen', '\x1b[2J', '^[[2J'],
  ['window title', '\x1b]0;owned\x07', '^[]0;owned^G'],
  ['clipboard', '\x1b]52;c;AAAA\x07', '^[]52;c;AAAA^G'],
  ['8-bit CSI', '\x9b2J', '\\x9b2J'],
  ['carriage return over the prefix', 'a\rb', 'ab'],
  ['backspace', 'a\bb', 'a^Hb'],
  ['tab is text', 'a\tb', 'a\tb'],
])('%s cannot act on the terminal', (_name, text, shown) => {
  expect(terminalText(text)).toBe(shown)
})
