import { describe, expect, it } from 'vitest'
import { codeOfThrown } from '../runtime/thrown.test-support.ts'
import { deviceFilterAllows, unreachedInstructions } from './device-filter.test-support.ts'
import { compileDeviceFilter } from './device-filter.ts'
import {
  ALL_DEVICES,
  DEFAULT_RULES,
  deviceNumbers,
  parseRule,
  renderRule,
  resolveDevices,
} from './devices.ts'

describe('device rules', () => {
  it.each(['c 1:3 rwm', 'b *:* m', 'a *:* rwm', 'c 189:* r'])('round-trip %s', text => {
    expect(renderRule(parseRule(text))).toBe(text)
  })

  it.each(['c 1:3', 'x 1:3 r', 'c 1:-3 r', 'c 1:3 rx', 'c 1:3 r\nb *:* rwm'])('refuse %j', text => {
    expect(codeOfThrown(() => parseRule(text))).toBe('DEVICE_RULE_INVALID')
  })

  it('split numbers as the C library does', () => {
    expect(deviceNumbers(0x0103)).toEqual({ major: 1, minor: 3 })
    expect(deviceNumbers(0xfe00)).toEqual({ major: 254, minor: 0 })
    expect(deviceNumbers(0x11032c)).toEqual({ major: 259, minor: 300 })
  })
})

describe('device mappings', () => {
  it('take the numbers of the host node', () => {
    const { nodes, rules } = resolveDevices([{ source: '/dev/null', target: '/dev/nil', permissions: 'rw' }])
    expect(nodes).toMatchObject([{ path: '/dev/nil', type: 'char', major: 1, minor: 3 }])
    expect(rules.map(renderRule)).toEqual(['c 1:3 rw'])
  })

  it('refuse what is missing, no device, or misspelt', () => {
    const code = (source: string, permissions = 'rwm') =>
      codeOfThrown(() => resolveDevices([{ source, target: '/dev/x', permissions }]))
    expect(code('/dev/there-is-none')).toBe('DEVICE_NOT_FOUND')
    expect(code('/etc/passwd')).toBe('DEVICE_INVALID')
    expect(code('/dev/null', 'x')).toBe('DEVICE_INVALID')
  })
})

describe('the eBPF device filter', () => {
  const byDefault = compileDeviceFilter(DEFAULT_RULES)

  it.each([
    ['c', 1, 3, 'rw', true],
    ['c', 1, 3, 'rwm', true],
    ['c', 136, 7, 'rw', true],
    ['c', 1, 1, 'r', false],
    ['c', 1, 11, 'rw', false],
    ['b', 254, 0, 'm', true],
    ['b', 254, 0, 'r', false],
    ['b', 254, 0, 'rm', false],
    ['b', 1, 3, 'r', false],
    ['c', 10, 229, 'rw', false],
  ] as const)('answers %s %i:%i %s with %s', (type, major, minor, access, wanted) => {
    expect(deviceFilterAllows(byDefault, { type, major, minor, access })).toBe(wanted)
  })

  it('allows everything to privileged containers and nothing without rules', () => {
    const disk = { type: 'b', major: 8, minor: 0, access: 'rwm' } as const
    expect(deviceFilterAllows(compileDeviceFilter([ALL_DEVICES]), disk)).toBe(true)
    expect(deviceFilterAllows(compileDeviceFilter([]), disk)).toBe(false)
    expect(deviceFilterAllows(compileDeviceFilter([...DEFAULT_RULES, ALL_DEVICES]), disk)).toBe(true)
  })

  // Linux loads no program in which there are any (check_cfg).
  it('has no instruction that nothing leads to', () => {
    const everything = { type: 'a', major: '*', minor: '*', access: 'r' } as const
    for (const rules of [[], DEFAULT_RULES, [ALL_DEVICES], [ALL_DEVICES, ...DEFAULT_RULES], [everything]])
      expect(unreachedInstructions(compileDeviceFilter(rules))).toEqual([])
  })
})
