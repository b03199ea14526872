import { describe, expect, test } from 'vitest'
import { codeOfThrown } from '../../runtime/thrown.test-support.ts'
import { parseContext, renderContext } from './context.ts'
import { checkRelabelled, decideLabels, freeLevel, type LabelRequest, sharedLabel } from './index.ts'
import { heldBackLevel } from './levels.ts'

const DEFAULTS = {
  process: { user: 'system_u', role: 'system_r', type: 'container_t', level: 's0' },
  file: { user: 'system_u', role: 'object_r', type: 'container_file_t', level: 's0' },
}
const NOTHING: LabelRequest = { options: [], privileged: false, inHosts: false, joined: [] }
const decide = (request: Partial<LabelRequest>, defaults: typeof DEFAULTS = DEFAULTS) =>
  decideLabels({ ...NOTHING, ...request }, defaults, level => `${level}:c1,c2`)

test.each([
  ['a_u:b_r:c_t', { user: 'a_u', role: 'b_r', type: 'c_t' }],
  ['a_u:b_r:c_t:s0', { user: 'a_u', role: 'b_r', type: 'c_t', level: 's0' }],
  ['a_u:b_r:c_t:s0-s0:c0.c1023\0', { user: 'a_u', role: 'b_r', type: 'c_t', level: 's0-s0:c0.c1023' }],
])('context %j', (text, context) => {
  expect(parseContext(text)).toEqual(context)
  expect(renderContext(context)).toBe(text.replace('\0', ''))
})

test.each(['kernel', '', 'a:b', 'a::c_t'])('%j is no context', text => {
  expect(parseContext(text)).toBeUndefined()
})

describe('labels of a container', () => {
  const process = 'system_u:system_r:container_t:s0:c1,c2'
  const mount = 'system_u:object_r:container_file_t:s0:c1,c2'
  const unlabelled = { mount: 'system_u:object_r:container_file_t:s0:c1022,c1023' }

  test.each<[Partial<LabelRequest>, unknown]>([
    [{}, { process, mount }],
    [{ options: ['disable'] }, unlabelled],
    [{ options: ['type:x_t', 'disable'] }, unlabelled],
    [{ privileged: true }, unlabelled],
    [{ inHosts: true }, unlabelled],
    [
      { inHosts: true, options: ['type:x_t'] },
      { process: process.replace('container_t', 'x_t'), mount },
    ],
    [{ privileged: true, options: ['level:s0:c7,c8'] }, { mount: mount.replace('c1,c2', 'c7,c8') }],
    [
      { options: ['user:a_u', 'role:b_r', 'type:c_t', 'level:s0:c7,c8', 'filetype:d_t'] },
      { process: 'a_u:b_r:c_t:s0:c7,c8', mount: 'a_u:object_r:d_t:s0:c7,c8' },
    ],
    [{ options: ['type:x_t', 'type:y_t'] }, { process: process.replace('container_t', 'y_t'), mount }],
  ])('%j', (request, labels) => {
    expect(decide(request)).toEqual(labels)
  })

  test('are those of the containers whose namespaces are joined, unless options say otherwise', () => {
    const joined = ['system_u:system_r:other_t:s0:c5,c6']
    const shared = { process: joined[0], mount: mount.replace('c1,c2', 'c5,c6') }
    expect(decide({ joined })).toEqual(shared)
    expect(decide({ joined: [...joined, ...joined] })).toEqual(shared)
    expect(decide({ joined, options: ['type:x_t'] })).toMatchObject({ mount })
    expect(codeOfThrown(() => decide({ joined: [...joined, process] }))).toBe('SELINUX_JOINED')
  })

  test('have no level where the policy has none', () => {
    const { level: _process, ...processes } = DEFAULTS.process
    const { level: _file, ...files } = DEFAULTS.file
    const defaults = { process: processes, file: files } as typeof DEFAULTS
    const labels = { process: 'system_u:system_r:container_t', mount: 'system_u:object_r:container_file_t' }
    expect(decide({}, defaults)).toEqual(labels)
    expect(decide({ privileged: true }, defaults)).toEqual({ mount: labels.mount })
    expect(sharedLabel(labels.mount)).toBe(labels.mount)
  })

  test.each(['nested', 'x', '', 'type:', 'type:a b', 'colour:red'])('option %j is refused', option => {
    expect(codeOfThrown(() => decide({ options: [option] }))).toBe('SECURITY_OPTION_INVALID')
  })

  test('of what is shared have no categories', () => {
    expect(sharedLabel(mount)).toBe('system_u:object_r:container_file_t:s0')
  })
})

describe('a free level', () => {
  const from = (place: number, ...taken: string[]): string =>
    freeLevel(
      's0-s0:c0.c1023',
      level => taken.includes(level),
      () => place,
    )

  test('has two categories, the lower one first, wherever the search begins', () => {
    for (const place of [0, 1, 1022, 1023, 1024, 500_000, 1024 * 1023 - 1]) {
      const [, low, high] = /^s0:c(\d+),c(\d+)$/.exec(from(place)) ?? []
      expect(Number(low)).toBeLessThan(Number(high))
    }
  })

  test('is nobody else’s, nor that of containers without a label', () => {
    expect(from(0)).toBe('s0:c0,c1')
    expect(from(0, 's0:c0,c1', 's0:c0,c2')).toBe('s0:c0,c3')
    expect(from(1024 * 1023 - 1)).not.toBe(heldBackLevel('s0'))
    expect(
      codeOfThrown(() =>
        freeLevel(
          's0',
          () => true,
          () => 0,
        ),
      ),
    ).toBe('SELINUX_LEVELS')
  })
})

test.each([
  '/',
  '/usr',
  '/usr/',
  '/etc',
  '/home',
  '/home/me',
  '/var/lib',
  '/root',
])('%s is not relabelled', path => {
  expect(codeOfThrown(() => checkRelabelled(path))).toBe('RELABEL_REFUSED')
})

test.each(['/home/me/site', '/srv/www', '/var/lib/site', '/usr/local/site'])('%s is', path => {
  expect(() => checkRelabelled(path)).not.toThrow()
})
