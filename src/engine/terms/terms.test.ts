import { expect, test } from 'vitest'
import { termsByName } from './index.ts'
import { refusals } from './refusals.test-support.ts'
import type { Given } from './term.ts'
import { RECORDED } from './without-effect.ts'

test('a field belongs to one term, or is recorded alone', () => {
  const all = [
    ...Object.values(termsByName()).flatMap(({ fields }) => Object.keys(fields)),
    ...Object.keys(RECORDED),
  ]
  expect(all.filter((field, index) => all.indexOf(field) !== index)).toEqual([])
})

/** Fields that mean what every container has, or are refused: there is nothing to read in them. */
const CHECKED_ALONE = ['VolumeDriver']

/** The fields of an empty request that a term looks at. */
function fieldsRead(read: (given: Given) => unknown): Set<string> {
  const seen = new Set<string>()
  const empty: Given = {}
  read(
    new Proxy(empty, {
      get: (_target, field) => {
        seen.add(String(field))
        return undefined
      },
    }),
  )
  return seen
}

test.each(Object.entries(termsByName()))('%s reads every field that it lists, and no other', (_, {
  fields,
  read,
}) => {
  const listed = Object.keys(fields).filter(field => !CHECKED_ALONE.includes(field))
  expect([...fieldsRead(read)].sort()).toEqual(listed.sort())
})

test('all that is wrong with a request is said at once', () => {
  const config = { Hostname: 'a b', WorkingDir: 'x', StopSignal: 'NOPE', Env: ['=x'] }
  const host = {
    Memory: 1,
    Ulimits: [{ Name: 'nofile', Soft: 2, Hard: 1 }],
    RestartPolicy: { Name: 'always' as const, MaximumRetryCount: 3 },
    LogConfig: { Type: 'syslog' },
    CapAdd: ['NOT_A_CAP'],
    SecurityOpt: ['nonsense'],
  }
  expect(refusals(config, host).map(each => each.split(' ')[0])).toEqual([
    'ENV_INVALID',
    'WORKING_DIR_INVALID',
    'HOSTNAME_INVALID',
    'SIGNAL_INVALID',
    'RESTART_INVALID',
    'LOG_DRIVER',
    'MEMORY_INVALID',
    'ULIMIT_INVALID',
    'CAPABILITY_UNKNOWN',
    'SECURITY_OPTION_INVALID',
  ])
})

test('nothing is wrong with a request that says nothing', () => {
  expect(refusals({}, {})).toEqual([])
})
