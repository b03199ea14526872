import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findCommand } from '../argv/find-command.ts'
import { readOptions } from '../argv/read-options.ts'
import { COMMANDS } from '../commands/index.ts'
import { ANYWHERE } from '../global-options.ts'
import { handlingOf } from '../if-lost/handling.ts'
import { BEGUN_FOR, renderEngineStart } from './engine-start-header.ts'

test.each(BEGUN_FOR)('%s is a command that a worker of the host runs', async words => {
  const found = findCommand(COMMANDS, words.split(' '))
  if (found.kind !== 'command') throw new Error(`there is no command "${words}"`)
  const { command } = await found.entry.load()
  const { values } = readOptions(found.rest, { ...ANYWHERE, ...command.options }, 'at two dashes')
  expect(handlingOf(found.entry.name, values)).not.toBe('cold')
})

test('the launcher has what commands go by', () => {
  expect(readFileSync('native/launcher/engine-start.h', 'utf8')).toBe(renderEngineStart())
})
