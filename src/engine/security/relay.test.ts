import { describe, expect, test } from 'vitest'
import { procServerConfinement, relayConfinement, relayUsers } from './relay.ts'
import { evaluate } from './seccomp/interpreter.test-support.ts'

const HOST = '         0          0 4294967295\n'

describe('the users of relays', () => {
  test('are as many as there can be pids, and none that systems hand out', () => {
    const { uid, uidCount } = relayUsers(HOST, HOST)
    expect(uidCount).toBe(2 ** 22)
    expect(uid).toBeGreaterThan(2_000_200_000)
    expect(uid + uidCount).toBeLessThan(2_147_352_576)
  })

  test('are one that is there, and not nobody, in a user namespace that has few', () => {
    const few = '0 100000 65536\n'
    expect(relayUsers(few, few)).toEqual({ uid: 65_533, uidCount: 1 })
    expect(relayUsers(HOST, few)).toEqual({ uid: 65_533, uidCount: 1 })
  })
})

describe('the filter of relays', () => {
  const ask = (call: string, ...args: number[]): string =>
    evaluate(relayConfinement('x86_64').filter, { abi: 'x86_64', call, args })
  const OPEN_PATH = 0x200000

  test.each([
    ['socket', 2, 1],
    ['socket', 10, 2],
    ['accept4'],
    ['epoll_wait'],
    ['openat', 5, 0, 0x80000],
    ['mmap', 0, 4096, 3],
  ])('allows %s(%s)', (call, ...args) => {
    expect(ask(call, ...(args as number[]))).toBe('allow')
  })

  test.each([
    ['socket', 1, 1],
    ['socket', 16, 3],
    ['socket', 17, 3],
    ['openat', 5, 0, 1],
    ['openat', 5, 0, 0x41 | OPEN_PATH],
    ['mmap', 0, 4096, 7],
    ['mprotect', 0, 4096, 5],
    ['execve'],
    ['execveat'],
    ['kill'],
    ['pidfd_send_signal'],
    ['ptrace'],
    ['process_vm_readv'],
    ['clone'],
    ['setns'],
    ['bind'],
    ['listen'],
    ['open'],
    ['write'],
  ])('refuses %s(%s)', (call, ...args) => {
    expect(ask(call, ...(args as number[]))).toBe('errno 1')
  })

  test('knows one calling convention', () => {
    const { filter } = relayConfinement('x86_64')
    expect(evaluate(filter, { abi: 'i386', call: 'socketcall' })).toBe('killProcess')
  })
})

describe('the filter of servers of /proc files', () => {
  const ask = (call: string, ...args: number[]): string =>
    evaluate(procServerConfinement('x86_64').filter, { abi: 'x86_64', call, args })

  test.each(['read', 'writev', 'pread64', 'poll', 'accept4', 'recvmsg', 'exit_group'])('allows %s', call => {
    expect(ask(call)).toBe('allow')
  })

  test('allows memory that cannot be executed', () => {
    expect(ask('mmap', 0, 4096, 3)).toBe('allow')
    expect(ask('mmap', 0, 4096, 5)).toBe('errno 1')
  })

  test.each([
    'openat',
    'socket',
    'execve',
    'sendmsg',
    'connect',
    'mprotect',
    'clone',
    'kill',
    'write',
    'ioctl',
  ])('refuses %s', call => {
    expect(ask(call)).toBe('errno 1')
  })
})
