import { expect, test } from 'vitest'
import { flag, list } from './option.ts'
import { commandWord } from './program.ts'

const GLOBALS = { files: list('-f, --file <file>', ''), dryRun: flag('--dry-run', '') }

test.each([
  [['up', '-d'], 'up'],
  [['-f', 'up', 'down'], 'down'],
  [['--file=a', '--dry-run', 'ps'], 'ps'],
  [['-fa', 'ps'], 'ps'],
  [['-f', 'a', '--', 'ps'], 'ps'],
  [['-v'], 'version'],
  [['--dry-run', '--version', 'up'], 'version'],
  [['logs', '-v'], 'logs'],
  [['--help'], undefined],
  [['-f', 'up'], undefined],
  [[], undefined],
])('the command of %j is %s', (argv, word) => {
  expect(commandWord(argv, GLOBALS)).toBe(word)
})
