import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

test('nothing said is a process of root in /', () => {
  expect(termsOf({}, {}).process).toEqual({
    argv: [],
    env: [],
    cwd: '/',
    user: '',
    groupAdd: [],
    init: false,
  })
})

test('the entrypoint comes before the command', () => {
  const config = { Entrypoint: ['/entry', '-x'], Cmd: ['serve'], Env: ['A=1', 'B'], WorkingDir: '/srv' }
  const host = { GroupAdd: ['audio', '20'], OomScoreAdj: -500, Init: true }
  expect(termsOf({ ...config, User: 'www:100' }, host).process).toEqual({
    argv: ['/entry', '-x', 'serve'],
    env: ['A=1', 'B'],
    cwd: '/srv',
    user: 'www:100',
    groupAdd: ['audio', '20'],
    oomScoreAdj: -500,
    init: true,
  })
})

test.each([
  [{ Env: ['=x'] }, {}, 'ENV_INVALID Env'],
  [{ Env: [''] }, {}, 'ENV_INVALID Env'],
  [{ Env: ['A=\0'] }, {}, 'ENV_INVALID Env'],
  [{ Cmd: ['a\0b'] }, {}, 'COMMAND_INVALID Cmd'],
  [{ Entrypoint: ['a\0b'] }, {}, 'COMMAND_INVALID Cmd'],
  [{ WorkingDir: 'srv' }, {}, 'WORKING_DIR_INVALID WorkingDir'],
  [{}, { OomScoreAdj: 1001 }, 'OOM_SCORE_INVALID HostConfig.OomScoreAdj'],
  [{}, { OomScoreAdj: -1001 }, 'OOM_SCORE_INVALID HostConfig.OomScoreAdj'],
])('%j, %j is refused', (config, host, refusal) => {
  expect(refusals(config, host)).toEqual([refusal])
})
