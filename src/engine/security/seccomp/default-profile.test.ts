import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, namesOf } from '../capabilities.ts'
import { callNumbers } from './calls.ts'
import { unconditionalCalls } from './default-profile.ts'
import { type Call, evaluate } from './interpreter.test-support.ts'
import { seccompFilter } from './option.ts'

const EPERM = 'errno 1'
const ENOSYS = 'errno 38'
const CLONE_NEWUSER = 0x10000000

function filter(capabilities: bigint = DEFAULT_CAPABILITIES, architecture: 'x86_64' | 'aarch64' = 'x86_64') {
  const bytes = seccompFilter(
    { kind: 'default' },
    { architecture, kernel: [6, 12], capabilities: namesOf(capabilities) },
  )
  if (bytes === undefined) throw new Error('no filter')
  return bytes
}

function answer(call: string | number, args: Call['args'] = [], abi: Call['abi'] = 'x86_64'): string {
  return evaluate(filter(DEFAULT_CAPABILITIES, abi === 'aarch64' ? 'aarch64' : 'x86_64'), { abi, call, args })
}

describe('the default seccomp profile', () => {
  it('allows what every container may do, on both ABIs of x86_64', () => {
    const names = unconditionalCalls()
    expect(new Set(names).size).toBe(names.length)
    const numbers = callNumbers('x86_64')
    for (const name of names.filter(each => numbers.has(each)))
      expect([name, answer(name)]).toEqual([name, 'allow'])
    const i386 = callNumbers('i386')
    for (const name of names.filter(each => i386.has(each)))
      expect([name, answer(name, [], 'i386')]).toEqual([name, 'allow'])
  })

  it('knows every allowed name on at least one machine', () => {
    const known = new Set(
      (['x86_64', 'i386', 'aarch64'] as const).flatMap(abi => [...callNumbers(abi).keys()]),
    )
    expect(unconditionalCalls().filter(name => !known.has(name))).toEqual([])
  })

  it('refuses listed calls with EPERM and says ENOSYS to numbers that it does not know', () => {
    for (const call of [
      'mount',
      'setns',
      'unshare',
      'keyctl',
      'add_key',
      'request_key',
      'bpf',
      'perf_event_open',
      'userfaultfd',
      'io_uring_setup',
      'io_uring_enter',
      'io_uring_register',
      'fanotify_init',
      'lsm_set_self_attr',
      'syslog',
      'clock_settime',
      'settimeofday',
      'kexec_load',
      'reboot',
    ])
      expect([call, answer(call)]).toEqual([call, EPERM])
    expect(answer('open_tree_attr')).toBe(ENOSYS)
    expect(answer(999)).toBe(ENOSYS)
    expect(answer(390)).toBe(ENOSYS)
  })

  it('refuses new namespaces through clone, and makes clone3 look absent', () => {
    expect(answer('clone', [0x01200011])).toBe('allow')
    expect(answer('clone', [0x00020000])).toBe(EPERM)
    expect(answer('clone', [CLONE_NEWUSER | 17])).toBe(EPERM)
    expect(answer('clone3')).toBe(ENOSYS)
  })

  it('lets common socket families through and no other', () => {
    for (const family of [1, 2, 10, 16, 17])
      expect([family, answer('socket', [family])]).toEqual([family, 'allow'])
    for (const family of [9, 12, 21, 30, 38, 40])
      expect([family, answer('socket', [family])]).toEqual([family, EPERM])
    // The kernel reads an int: bits above 32 must not hide a family.
    expect(answer('socket', [(1n << 32n) + 40n])).toBe(EPERM)
  })

  it('lets sockets of XDP through, which pass the rules of own addresses by, only where these do not hold', () => {
    const call = { abi: 'x86_64', call: 'socket', args: [44] } as const
    expect(evaluate(filter(), call)).toBe(EPERM)
    expect(evaluate(filter(DEFAULT_CAPABILITIES | (1n << 12n)), call)).toBe('allow')
    expect(evaluate(filter(ALL_CAPABILITIES), call)).toBe('allow')
  })

  it('allows the harmless personalities only', () => {
    for (const value of [0, 8, 0x20000, 0x20008, 0xffffffff])
      expect(answer('personality', [value])).toBe('allow')
    expect(answer('personality', [0x0400000])).toBe(EPERM)
  })

  it('closes the old way to sockets on i386 and keeps operations on them', () => {
    expect(answer('socketcall', [1], 'i386')).toBe(ENOSYS)
    expect(answer('socketcall', [8], 'i386')).toBe(ENOSYS)
    expect(answer('socketcall', [3], 'i386')).toBe('allow')
    expect(answer('socket', [40], 'i386')).toBe(EPERM)
  })

  it('kills foreign architectures and refuses x32', () => {
    expect(evaluate(filter(), { abi: 'aarch64', call: 'read' })).toBe('killProcess')
    expect(answer(0x40000000 + 39)).toBe(ENOSYS)
    expect(answer(0xffffffff)).toBe(ENOSYS)
  })

  it('opens calls that come with a capability', () => {
    const admin = filter(ALL_CAPABILITIES)
    for (const call of ['mount', 'unshare', 'clone3', 'setns', 'bpf', 'syslog', 'open_by_handle_at'])
      expect([call, evaluate(admin, { abi: 'x86_64', call })]).toEqual([call, 'allow'])
    expect(evaluate(admin, { abi: 'x86_64', call: 'clone', args: [CLONE_NEWUSER] })).toBe('allow')
    expect(answer('chroot')).toBe('allow')
    expect(evaluate(filter(0n), { abi: 'x86_64', call: 'chroot' })).toBe(EPERM)
  })

  it('is one filter for aarch64 too', () => {
    expect(answer('openat', [], 'aarch64')).toBe('allow')
    expect(answer('mount', [], 'aarch64')).toBe(EPERM)
    expect(answer('clone', [CLONE_NEWUSER], 'aarch64')).toBe(EPERM)
  })

  it('is short enough for the kernel and quick to pass', () => {
    expect(filter().byteLength / 8).toBeLessThan(1000)
    expect(filter()).toBe(filter())
  })
})
