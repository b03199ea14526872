// A command, or a plan, that no test runs fails here.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import * as planner from '../../src/planner/index.ts'
import { listFiles } from '../../tools/check/modules.ts'

const textsOf = (folder: string, ending: string): string[] =>
  listFiles(folder, [ending]).map(path => readFileSync(path, 'utf8'))

test('every command is run by a test: end to end, or by itself where it needs neither kernel nor engine', () => {
  const texts = [...textsOf('test/e2e', '.ts'), ...textsOf('src/cli', '.test.ts')]
  // `ok('up', '-d')`, `run(...options, 'ps')`, `tscompose(['login', …])`: a word of its own in a call.
  const isRun = (name: string): boolean =>
    texts.some(text => new RegExp(`[([,]\\s*'${name.replaceAll(' ', "',\\s*'")}'\\s*[,)\\]]`).test(text))
  expect(COMMANDS.map(({ name }) => name).filter(name => !isRun(name))).toEqual([])
})

test('every plan is made by a unit test of the planner', () => {
  const texts = textsOf('src/planner', '.test.ts')
  const plans = Object.keys(planner).filter(name => /^plan(?!ToJson$)[A-Z]/.test(name))
  expect(plans).toContain('planRestart')
  expect(plans.filter(name => !texts.some(text => text.includes(`${name}(`)))).toEqual([])
})

test('the page of limits lists the commands that there are', () => {
  const [, list = ''] = /^There are ([\w, \n]+)\./m.exec(readFileSync('docs/limits.md', 'utf8')) ?? []
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name)
  expect(list.replaceAll('\n', ' ').split(/, | and /)).toEqual(
    shown.filter(name => !name.startsWith('bridge ')).sort(),
  )
})
